/** ASCII armour (RFC 9580 section 6), written as the octets come: CRLF, and no header fields. */

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
  yield* base64Body(checksum ? crc.over(source) : source)
  const sum = checksum ? `=${crc.octets().toString('base64')}\r\n` : ''
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

const GENERATOR = 0x864cfb
const TABLE = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet << 16
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x800000 ? GENERATOR : 0)
  return crc & 0xffffff
})

class Crc24 {
  #crc = 0xb704ce

  async *over(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of source) {
      let crc = this.#crc
      for (const octet of chunk) crc = ((crc << 8) ^ (TABLE[(crc >> 16) ^ octet] ?? 0)) & 0xffffff
      this.#crc = crc
      yield chunk
    }
  }

  octets(): Buffer {
    return Buffer.from([this.#crc >> 16, (this.#crc >> 8) & 0xff, this.#crc & 0xff])
  }
}

const ascii = (text: string) => Buffer.from(text, 'latin1')
