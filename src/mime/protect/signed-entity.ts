/** multipart/signed (RFC 1847): the payload octet by octet as it was hashed, then the signature. */

import type { Assembled } from './assemble.ts'
import { makeBoundary, withoutBoundary } from './boundary.ts'

export interface DetachedSignature {
  protocol: 'application/pgp-signature' | 'application/pkcs7-signature'
  /** The word of the protocol for the hash: `pgp-sha512`, `sha-256`. */
  micalg: string
  /** Asked for once the payload has been passed on: the header and body of the signature part, 7-bit with CRLF. */
  part(): Promise<{ headers: [string, string][]; body: Uint8Array }>
}

/** `payload` is read once, as the body is read. */
export function signedEntity(
  payload: AsyncIterable<Uint8Array>,
  signature: DetachedSignature,
  random: (octets: number) => Uint8Array,
): Assembled {
  const boundary = makeBoundary(random)
  const { protocol, micalg } = signature
  return {
    contentHeaders: [
      [
        'Content-Type',
        `multipart/signed; boundary="${boundary}"; protocol="${protocol}"; micalg=${micalg}`,
      ],
    ],
    body: signedBody(payload, signature, boundary),
  }
}

async function* signedBody(
  payload: AsyncIterable<Uint8Array>,
  signature: DetachedSignature,
  boundary: string,
): AsyncGenerator<Uint8Array, void, void> {
  yield text(`--${boundary}\r\n`)
  yield* withoutBoundary(payload, boundary)
  // The CRLF before a boundary belongs to it and isn't signed (RFC 3156 section 5).
  const { headers, body } = await signature.part()
  const header = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  yield text(`\r\n--${boundary}\r\n${header}\r\n`)
  yield body
  yield text(`\r\n--${boundary}--\r\n`)
}

function text(octets: string): Uint8Array {
  return Buffer.from(octets, 'latin1')
}
