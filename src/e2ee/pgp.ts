/** The module of the provider `pgp`. */

import type { LoadedProvider } from '../ports/e2ee-registry.ts'
import { pgpLocalKeys } from './pgp/local-key.ts'
import { pgpProvider } from './pgp/provider.ts'

export default (): LoadedProvider => ({ provider: pgpProvider(), localKeys: pgpLocalKeys })
