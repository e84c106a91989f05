import fc from 'fast-check'
import { unarmor } from 'openpgp'
import { describe, expect, test } from 'vitest'
import { armor, armored } from '../../src/e2ee/pgp/armor.ts'

const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })

async function* source(parts: Uint8Array[]) {
  yield* parts
}

async function made(parts: Uint8Array[], checksum: boolean): Promise<string> {
  const out: Uint8Array[] = []
  for await (const part of armored(source(parts), 'MESSAGE', checksum)) out.push(part)
  return Buffer.concat(out).toString('latin1')
}

/** RFC 9580 section 6.1.1, bit by bit. */
function crc24(octets: Uint8Array): string {
  let crc = 0xb704ce
  for (const octet of octets) {
    crc ^= octet << 16
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1
      if (crc & 0x1000000) crc ^= 0x1864cfb
    }
  }
  return Buffer.from([crc >> 16, crc >> 8, crc]).toString('base64')
}

describe('armour', () => {
  test('is read back, however the octets come', () =>
    fc.assert(
      fc.asyncProperty(chunks, fc.boolean(), async (parts, checksum) => {
        const { data, type } = await unarmor(await made(parts, checksum))
        expect(type).toBe(3)
        expect(Buffer.from(data as never)).toEqual(Buffer.concat(parts))
      }),
    ))

  test('is the same, however the octets come', () =>
    fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        expect(await made(parts, true)).toBe(await made([Buffer.concat(parts)], true))
      }),
    ))

  test('has short lines that end in CRLF, and nothing but base64 between its frame', () =>
    fc.assert(
      fc.asyncProperty(chunks, fc.boolean(), async (parts, checksum) => {
        const lines = (await made(parts, checksum)).split('\r\n')
        expect(lines.slice(0, 2)).toEqual(['-----BEGIN PGP MESSAGE-----', ''])
        expect(lines.slice(-2)).toEqual(['-----END PGP MESSAGE-----', ''])
        for (const line of lines.slice(2, -2)) expect(line).toMatch(/^[A-Za-z0-9+/=]{0,76}$/)
      }),
    ))

  test('ends with the checksum of RFC 9580, or without one', () =>
    fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        const sum = crc24(Buffer.concat(parts))
        expect((await made(parts, true)).split('\r\n').at(-3)).toBe(`=${sum}`)
        expect(await made(parts, false)).not.toMatch(/^=[A-Za-z0-9+/]{4}\r$/m)
      }),
    ))

  test('of nothing has the checksum that it begins with', async () => {
    expect(await made([], true)).toContain('\r\n=twTO\r\n')
  })

  test('of something short ends without a line end: that is the boundary’s', async () => {
    const whole = Buffer.from(await armor(Buffer.from('x'), 'SIGNATURE', true)).toString('latin1')
    expect(whole).toMatch(/^-----BEGIN PGP SIGNATURE-----\r\n\r\neA==\r\n=[^=]{4}\r\n-----END/)
    expect(whole).toMatch(/-----END PGP SIGNATURE-----$/)
  })
})
