/** Public keys as text: PEM (RFC 7468), and OpenPGP's armour with the checksum that GnuPG misses (RFC 9580 section 6.1). */

import { Crc24 } from '../mime/protect/crc24.ts'
import type { KeyRecord } from '../ports/e2ee-provider.ts'

export interface ExportedKey {
  type: string
  octets: Uint8Array
}

export function exportKey({ protocol, material }: KeyRecord): ExportedKey {
  const base64 =
    Buffer.from(material)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  const text = (label: string, ...lines: string[]) =>
    new TextEncoder().encode(
      [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n'),
    )
  switch (protocol) {
    case 'smime':
      return { type: 'application/pem-certificate-chain', octets: text('CERTIFICATE', ...base64) }
    case 'pgp-mime': {
      const lines = ['', ...base64, new Crc24().update(material).line()]
      return { type: 'application/pgp-keys', octets: text('PGP PUBLIC KEY BLOCK', ...lines) }
    }
    default:
      return { type: 'application/octet-stream', octets: material }
  }
}
