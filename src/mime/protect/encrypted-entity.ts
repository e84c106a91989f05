/** multipart/encrypted with its two parts (RFC 3156 section 4). */

import type { Assembled } from './assemble.ts'
import { makeBoundary, withoutBoundary } from './boundary.ts'

/** `armored`: ASCII armour with CRLF line ends and one at its end; `size` its octets where they are known. */
export function encryptedEntity(
  armored: AsyncIterable<Uint8Array>,
  random: (octets: number) => Uint8Array,
  size?: number,
): Assembled {
  const boundary = makeBoundary(random)
  const before = Buffer.from(
    [
      `--${boundary}`,
      'Content-Type: application/pgp-encrypted',
      'Content-Description: PGP/MIME version identification',
      '',
      'Version: 1',
      '',
      `--${boundary}`,
      'Content-Type: application/octet-stream; name="encrypted.asc"',
      'Content-Description: OpenPGP encrypted message',
      'Content-Disposition: inline; filename="encrypted.asc"',
      '',
      '',
    ].join('\r\n'),
    'latin1',
  )
  const after = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1')
  return {
    contentHeaders: [
      [
        'Content-Type',
        `multipart/encrypted; boundary="${boundary}"; protocol="application/pgp-encrypted"`,
      ],
    ],
    body: between(before, withoutBoundary(armored, boundary), after),
    ...(size === undefined ? {} : { size: before.length + size + after.length }),
  }
}

async function* between(
  before: Uint8Array,
  octets: AsyncIterable<Uint8Array>,
  after: Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  yield before
  yield* octets
  yield after
}
