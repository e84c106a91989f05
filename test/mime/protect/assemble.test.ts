import { randomBytes } from 'node:crypto'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { makeField } from '../../../src/mime/header.ts'
import { type Assembled, assemble } from '../../../src/mime/protect/assemble.ts'
import { encryptedEntity } from '../../../src/mime/protect/encrypted-entity.ts'
import { pkcs7Entity } from '../../../src/mime/protect/pkcs7-entity.ts'
import { measure, protectable } from '../../../src/mime/protect/protectable.ts'
import { signedEntity } from '../../../src/mime/protect/signed-entity.ts'
import { collect } from '../submission.ts'
import { expectCanonical, message, source } from './entity.ts'

const OUTER = [makeField('From', 'ada@example.com'), makeField('Subject', '[...]')]
const LIMIT = 1_000_000

async function* octets(...chunks: (string | Uint8Array)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk as string)
}

async function whole(entity: Assembled): Promise<Buffer> {
  const { header, body, size } = assemble(OUTER, entity, LIMIT)
  const made = Buffer.concat([header, await collect(body)])
  if (size !== undefined) expect(made.length).toBe(size)
  expectCanonical(made)
  return made
}

const signature = {
  protocol: 'application/pgp-signature',
  micalg: 'pgp-sha512',
  part: async () => ({
    headers: [['Content-Type', 'application/pgp-signature; name="signature.asc"']],
    body: Buffer.from('-----BEGIN PGP SIGNATURE-----\r\n'),
  }),
} satisfies Parameters<typeof signedEntity>[1]

describe('multipart/signed', () => {
  test('holds the payload octet by octet; the signature is asked for after it', async () => {
    const { outer, payload } = protectable(source(message([], 'text ', '')), { operation: 'sign' })
    const inner = await collect(payload.open())
    let passed = false
    const watched = async function* () {
      yield* payload.open()
      passed = true
    }
    const part = () => {
      expect(passed).toBe(true)
      return signature.part()
    }
    const entity = signedEntity(watched(), { ...signature, part }, randomBytes)
    const { header, body } = assemble(outer, entity, LIMIT)
    const text = Buffer.concat([header, await collect(body)]).toString()
    const boundary = /boundary="([^"]+)"/.exec(text.replace(/\r\n[ \t]/g, ' '))?.[1]
    expect(text).toContain(`\r\n\r\n--${boundary}\r\n${inner}\r\n--${boundary}\r\n`)
    expect(text).toMatch(/protocol="application\/pgp-signature";\s+micalg=pgp-sha512\r\n/)
    expect(text.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true)
    expect(text.match(/^MIME-Version: 1.0\r$/gm)).toHaveLength(2)
  })

  test('no two have the same boundary', async () => {
    const types = await Promise.all(
      [1, 2].map(
        () => signedEntity(octets('x\r\n'), signature, randomBytes).contentHeaders[0]?.[1],
      ),
    )
    expect(types[0]).not.toBe(types[1])
  })

  test('a payload that holds the boundary never passes, also where chunks cut it', async () => {
    const zeros = (count: number) => new Uint8Array(count)
    const boundary = `=_${'A'.repeat(32)}`
    for (const at of [1, 10, boundary.length - 1]) {
      const parts = octets('x\r\n--', boundary.slice(0, at), boundary.slice(at), '\r\n')
      await expect(whole(signedEntity(parts, signature, zeros))).rejects.toThrow('boundary')
    }
    await expect(whole(signedEntity(octets(boundary), signature, zeros))).rejects.toThrow(
      'boundary',
    )
    const near = octets('x\r\n--', boundary.slice(0, -1), '\r\n')
    await expect(whole(signedEntity(near, signature, zeros))).resolves.toBeTruthy()
  })
})

describe('multipart/encrypted', () => {
  test('has the two parts of RFC 3156, and knows its size', async () => {
    const armor = '-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n'
    const entity = encryptedEntity(octets(armor), randomBytes, armor.length)
    const { header, body } = assemble(OUTER, entity, LIMIT)
    const text = (await collect(body)).toString()
    expect(assemble(OUTER, entity, LIMIT).size).toBe(header.length + text.length)
    expect(header.toString()).toContain('protocol="application/pgp-encrypted"')
    expect(text).toContain('Content-Type: application/pgp-encrypted\r\n')
    expect(text).toContain('\r\n\r\nVersion: 1\r\n')
    expect(text).toContain(`\r\n\r\n${armor}\r\n--`)
  })
})

describe('application/pkcs7-mime', () => {
  test.each([0, 1, 56, 57, 58, 5000, 57 * 256 * 3])(
    '%d octets, size known before',
    async (size) => {
      const der = randomBytes(size)
      const chunks = [der.subarray(0, size >> 1), der.subarray(size >> 1)]
      const made = await whole(pkcs7Entity(octets(...chunks), 'enveloped-data', size))
      const parsed = await PostalMime.parse(made)
      const content = parsed.attachments[0]
      expect(content?.filename).toBe('smime.p7m')
      expect(Buffer.from(content?.content as ArrayBuffer).equals(der)).toBe(true)
      expect(made.toString()).toContain('smime-type=enveloped-data')
    },
  )
})

describe('the whole', () => {
  test('a field that the provider brings takes the place of one of its name', async () => {
    const outer = [...OUTER, makeField('Autocrypt', 'addr=old@example.com')]
    const entity = { ...pkcs7Entity(octets('x'), 'signed-data'), outerHeaders: [] }
    const brought: [string, string][] = [['Autocrypt', 'addr=ada@example.com']]
    const { header } = assemble(outer, { ...entity, outerHeaders: brought }, LIMIT)
    expect(header.toString().match(/^Autocrypt.*/gm)).toEqual(['Autocrypt: addr=ada@example.com'])
  })

  test('is refused where it is too large: before it is read if the size is known', async () => {
    const der = Buffer.alloc(2000)
    expect(() => assemble(OUTER, pkcs7Entity(octets(der), 'signed-data', 2000), 1500)).toThrow(
      expect.objectContaining({ code: 'message.too_large' }),
    )
    const { body } = assemble(OUTER, pkcs7Entity(octets(der), 'signed-data'), 1500)
    await expect(collect(body)).rejects.toMatchObject({ code: 'message.too_large' })
  })

  test('a payload can be measured, and is the same each time', async () => {
    const { payload } = protectable(source(message([], 'text ')), { operation: 'encrypt' })
    const first = await collect(payload.open())
    expect(await measure(payload)).toBe(first.length)
    expect((await collect(payload.open())).equals(first)).toBe(true)
  })
})
