/** The module of the provider `smime`. */

import type { Settings } from '../domain/settings.ts'
import type { LoadedProvider } from '../ports/e2ee-registry.ts'
import { smimeLocalKeys } from './smime/local-key.ts'
import { smimeProvider } from './smime/provider.ts'

export default ({ smimeTrust }: Settings): LoadedProvider => ({
  provider: smimeProvider(smimeTrust),
  localKeys: smimeLocalKeys,
})
