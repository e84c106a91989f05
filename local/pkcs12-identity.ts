/** What a PKCS#12 file makes of a sender: the key that signs, its certificates, and those for the sender's own copy. */

import { smimeLocalKeys } from '../src/e2ee/smime/local-key.ts'
import type { LocalKey } from '../src/ports/e2ee-registry.ts'
import { CommandError } from './command.ts'
import type { Pkcs12 } from './pkcs12.ts'

export interface Pkcs12Identity {
  /** As PUT /v1/e2ee/identities/{id} takes it. */
  request: { private_key: string; certificate: string; self?: string[] }
  addresses: string[]
  /** Milliseconds. */
  not_after: number | null
  /** Issuers that came with it. */
  issuers: number
}

/** @throws CommandError */
export async function identityOf({ keys, certificates }: Pkcs12): Promise<Pkcs12Identity> {
  const read: { pem: string; key: LocalKey }[] = []
  for (const pem of keys) {
    const material = Buffer.from([pem, ...certificates].join('\n'))
    const key = await smimeLocalKeys.read(material, null).catch((cause: Error) => {
      throw new CommandError(`The key in the file can't be used: ${cause.message}.`, { cause })
    })
    read.push({ pem, key })
  }
  const signing = read.find(({ key }) => key.certificate.uses.includes('sign')) ?? read[0]
  if (!signing) throw new CommandError('There is no private key in the file.')
  const { certificate, chain } = signing.key
  const self = read
    .filter(({ key }) => key !== signing.key && key.certificate.uses.includes('encrypt'))
    .map(({ key }) => certificatePem(key.certificate.material))
  return {
    request: {
      private_key: signing.pem,
      certificate: [certificate.material, ...chain].map(certificatePem).join(''),
      ...(self.length > 0 && { self }),
    },
    addresses: certificate.addresses,
    not_after: certificate.not_after,
    issuers: chain.length,
  }
}

function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
