/** `npm run conformance -- examples/e2ee-provider/fixture.ts` */

import { generateKeyPairSync, sign } from 'node:crypto'
import type { Fixture } from '../../conformance/fixture.ts'
import makeProvider from './digest-provider.ts'

export function conformance(): Fixture {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const octets = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const address = 'ada@Example.com'
  return {
    provider: makeProvider().provider,
    sender: {
      address,
      material: Buffer.from(`digest-key ${address} ${octets.toString('base64')}\n`),
      signer: {
        keyRef: 'example',
        algorithms: ['ed25519'],
        async sign(_, input) {
          return sign(null, 'message' in input ? input.message : input.digest, privateKey)
        },
      },
    },
  }
}
