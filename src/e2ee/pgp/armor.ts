/** ASCII armour (RFC 9580 section 6), written as the octets come: CRLF, and no header fields. */

import { Crc24 } from '../../mime/protect/crc24.ts'
import { base64Body } from '../../mime/protect/pkcs7-entity.ts'
import { octetsOf } from '../octets.ts'

export type ArmorType = 'MESSAGE' | 'SIGNATURE'

/**
 * `checksum`: with the CRC-24 of section 6.1. GnuPG up to 2.4 can't do without where the base64 has no padding; beside
 * packets of version 6 it must not stand.
 */
export async function* armored(
  source: AsyncIterable<Uint8Array>,
  type: ArmorType,
  checksum: boolean,
): AsyncGenerator<Uint8Array, void, void> {
  const crc = new Crc24()
  yield ascii(`-----BEGIN PGP ${type}-----\r\n\r\n`)
  yield* base64Body(checksum ? summed(source, crc) : source)
  const sum = checksum ? `${crc.line()}\r\n` : ''
  yield ascii(`${sum}-----END PGP ${type}-----\r\n`)
}

/** The whole of something short, without the line end behind it. */
export async function armor(
  octets: Uint8Array,
  type: ArmorType,
  checksum: boolean,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of armored(octetsOf(octets), type, checksum)) parts.push(part)
  return Buffer.concat(parts).subarray(0, -2)
}

async function* summed(source: AsyncIterable<Uint8Array>, crc: Crc24) {
  for await (const chunk of source) {
    crc.update(chunk)
    yield chunk
  }
}

const ascii = (text: string) => Buffer.from(text, 'latin1')
