/** The shortest provider: it knows no keys and protects nothing, so that whatever must be protected is not sent. */

import { type E2eeProvider, ProtectionError } from '../ports/e2ee-provider.ts'
import type { LoadedProvider } from '../ports/e2ee-registry.ts'

const none: E2eeProvider = {
  id: 'none',
  protocol: 'none',
  apiVersion: 1,
  describe: () => ({
    operations: [],
    streaming: true,
    maxBytes: null,
    algorithms: { cipher: [], signature: [] },
    signers: [],
    hidesRecipients: false,
  }),
  async inspect() {
    throw new ProtectionError('key.malformed', 'this provider knows no keys', { provider: 'none' })
  },
  assess: async () => ({
    usable: false,
    code: 'key.unsupported_algorithm',
    detail: 'this provider knows no keys',
  }),
  async protect() {
    throw new ProtectionError('provider.unsupported_operation', undefined, { provider: 'none' })
  },
}

export default (): LoadedProvider => ({ provider: none, localKeys: null })
