/** The shortest provider: it knows no keys and protects nothing, so that whatever must be protected is not sent. */

import { type E2eeProvider, ProtectionError } from '../ports/e2ee-provider.ts'

const ID = 'none'

export function noneProvider(): E2eeProvider {
  return {
    id: ID,
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
      throw new ProtectionError('key.malformed', 'this provider knows no keys', { provider: ID })
    },
    assess: async () => ({
      usable: false,
      code: 'key.unsupported_algorithm',
      detail: 'this provider knows no keys',
    }),
    async protect() {
      throw new ProtectionError('provider.unsupported_operation', undefined, { provider: ID })
    },
  }
}
