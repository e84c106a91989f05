/**
 * A protocol of its own: multipart/signed whose second part is an Ed25519 signature over the SHA-256 of the first, in hex.
 * A key is a line `digest-key ADDRESS BASE64`, of 32 octets.
 */

import { createHash } from 'node:crypto'
import {
  type E2eeProvider,
  type KeyFacts,
  ProtectionError,
  type ProtectJob,
} from '../../src/ports/e2ee-provider.ts'
import type { LoadedProvider } from '../../src/ports/e2ee-registry.ts'

const ID = 'digest'
const TYPE = 'application/x-digest-signature'

const provider: E2eeProvider = {
  id: ID,
  protocol: 'digest',
  apiVersion: 1,
  describe: () => ({
    operations: ['sign'],
    streaming: true,
    maxBytes: null,
    algorithms: { cipher: [], signature: ['Ed25519 over SHA-256'] },
    signers: ['signer'],
    hidesRecipients: false,
  }),
  async inspect(material) {
    const facts = readKey(material)
    if (!facts) throw new ProtectionError('key.malformed', undefined, { provider: ID })
    return [facts]
  },
  async assess({ material }, use) {
    if (!readKey(material)) return { usable: false, code: 'key.malformed', detail: 'no digest-key' }
    if (use === 'sign') return { usable: true, warnings: [] }
    return { usable: false, code: 'key.no_encryption_capability', detail: 'it only signs' }
  },
  async protect(job) {
    const { operation, signer, random, abort } = job
    if (operation !== 'sign')
      throw new ProtectionError('provider.unsupported_operation', undefined, { provider: ID })
    if (!signer) throw new ProtectionError('signer.not_configured', undefined, { provider: ID })
    abort.throwIfAborted()
    const boundary = Buffer.from(random(24)).toString('hex')
    return {
      contentHeaders: [
        [
          'Content-Type',
          `multipart/signed; micalg=sha-256; protocol="${TYPE}"; boundary="${boundary}"`,
        ],
      ],
      body: signed(job, signer.signer, boundary),
      report: {
        signature: 'ed25519',
        signerKey: signer.publicKey.fingerprint,
        recipientKeys: [],
        warnings: [],
      },
    }
  },
}

export default (): LoadedProvider => ({ provider, localKeys: null })

async function* signed(
  { payload, abort }: ProtectJob,
  signer: NonNullable<ProtectJob['signer']>['signer'],
  boundary: string,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash('sha256')
  yield Buffer.from(`--${boundary}\r\n`)
  for await (const chunk of payload.open()) {
    abort.throwIfAborted()
    hash.update(chunk)
    yield chunk
  }
  const message = Buffer.from(hash.digest('hex'))
  const signature = Buffer.from(await signer.sign('ed25519', { message }, abort))
  yield Buffer.from(
    `\r\n--${boundary}\r\nContent-Type: ${TYPE}\r\n\r\n${signature.toString('hex')}\r\n--${boundary}--\r\n`,
  )
}

function readKey(material: Uint8Array): KeyFacts | undefined {
  const text = Buffer.from(material).toString('latin1')
  const [, address = '', base64 = ''] =
    /^digest-key (\S+@\S+) ([A-Za-z0-9+/]{43}=)\n?$/.exec(text) ?? []
  if (address === '') return undefined
  const at = address.lastIndexOf('@')
  return {
    protocol: 'digest',
    fingerprint: createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
    addresses: [address.slice(0, at) + address.slice(at).toLowerCase()],
    material,
    not_before: null,
    not_after: null,
    uses: ['sign'],
    capabilities: [],
  }
}
