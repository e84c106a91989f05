import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { BodyHasher } from '../../src/mime/body-hash.ts'
import { type DkimSigningKey, redateHeader, signHeader, stripDkim } from '../../src/mime/dkim.ts'
import { DkimKeyError, dnsRecord, generateDkimKey, readDkimKey } from '../../src/mime/dkim-key.ts'
import { compose, cut } from './submission.ts'

const DATE = Date.UTC(2026, 10, 24)
const keys: DkimSigningKey[] = []
const zone = new Map<string, string>()

beforeAll(async () => {
  for (const algorithm of ['rsa-sha256', 'ed25519-sha256'] as const) {
    const { pem, public_key } = await generateDkimKey(algorithm)
    const key = { domain: 'example.com', selector: algorithm.slice(0, 3), algorithm, pem }
    const record = dnsRecord({ ...key, public_key })
    zone.set(record.name, record.value)
    keys.push(key)
  }
})

/** What a verifier that isn't ours says of each signature. */
async function verdicts(octets: Buffer): Promise<string[]> {
  const resolver = async (name: string) => {
    const value = zone.get(name)
    if (!value) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
    return [[value]]
  }
  const { results } = await dkimVerify(octets, { resolver, curTime: new Date(DATE + 60_000) })
  return results.map((result) => `${result.algo} ${result.status.result}`)
}

async function signed(header: string | Uint8Array, body: string): Promise<Buffer> {
  const hasher = new BodyHasher()
  hasher.update(Buffer.from(body))
  const signedHeader = await signHeader(Buffer.from(header), hasher.digest(), keys, { time: DATE })
  return Buffer.concat([signedHeader, Buffer.from(body)])
}

const GOOD = ['rsa-sha256 pass', 'ed25519-sha256 pass']
const HEADER = 'From: ada@example.com\r\nTo: b@example.net\r\nSubject: Hi\r\n\r\n'

describe('signatures', () => {
  test.each([
    ['text', HEADER, 'Hello\r\n'],
    ['an empty body', HEADER, ''],
    ['empty lines at the end', HEADER, 'a\r\n\r\n\r\n'],
    ['empty lines in the middle and blanks', HEADER, '\r\n\r\n a \t b  \r\n\t\r\nc\r\n'],
    ['only empty lines', HEADER, '\r\n\r\n'],
    ['only blanks', HEADER, ' \t\r\n'],
    [
      'a folded header with blanks',
      'From:  ada@example.com \r\nSubject:\ta  b\r\n \tc\r\n\r\n',
      'x\r\n',
    ],
    [
      'a repeated field',
      `List-Help: <a:b>\r\nX-Other: x\r\nList-Help: <c:d>\r\n${HEADER}`,
      'x\r\n',
    ],
    ['raw UTF-8', 'From: "Zoë" <zoë@example.com>\r\nSubject: ü\r\n\r\n', 'ü\r\n'],
    ['no header but From', 'From: ada@example.com\r\n\r\n', 'x\r\n'],
  ])('over %s hold', async (_, header, body) => {
    expect(await verdicts(await signed(header, body))).toEqual(GOOD)
  })

  test('over composed mail hold', async () => {
    const { composed, body } = await compose({
      html: '<p>Grüße</p>',
      subject: 'Grüße aus einem langen Betreff, der gefaltet werden muss, damit er passt',
      unsubscribe: { url: 'https://example.com/u', mailto: null, one_click: true },
    })
    const octets = await signed(composed.header, body)
    expect(await verdicts(octets)).toEqual(GOOD)
    const names = octets
      .toString()
      .match(/h=([^;]+);/)?.[1]
      ?.replace(/\s/g, '')
      .split(':')
    expect(names).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']))
    expect(names?.filter((name) => name === 'from')).toHaveLength(2)
    expect(
      octets
        .toString()
        .split('\r\n')
        .every((line) => line.length <= 78),
    ).toBe(true)
  })

  test.each([
    ['the body', (text: string) => text.replace('Hello', 'Hullo')],
    ['the subject', (text: string) => text.replace('Subject: Hi', 'Subject: Ho')],
    ['the author', (text: string) => text.replace('From: ada', 'From: eve')],
    ['a second From on top', (text: string) => `From: eve@example.com\r\n${text}`],
    ['a second Subject', (text: string) => text.replace('To:', 'Subject: Ho\r\nTo:')],
    ['a second Content-Type', (text: string) => text.replace('To:', 'Content-Type: a/b\r\nTo:')],
  ])('break with %s', async (_, change) => {
    const header = `Content-Type: text/plain\r\n${HEADER}`
    const octets = await signed(header, 'Hello\r\n')
    expect(await verdicts(octets)).toEqual(GOOD)
    const changed = await verdicts(Buffer.from(change(octets.toString())))
    expect(changed).toHaveLength(2)
    for (const verdict of changed) expect(verdict).toMatch(/ (?:fail|neutral)$/)
  })

  test('a new date is signed anew, over the body hash that was kept', async () => {
    const octets = await signed(`Date: Tue, 01 Jan 2030 00:00:00 +0000\r\n${HEADER}`, 'Hello\r\n')
    const hasher = new BodyHasher()
    hasher.update(Buffer.from('Hello\r\n'))
    const header = octets.subarray(0, octets.indexOf('\r\n\r\n') + 4)
    const redated = redateHeader(stripDkim(header), DATE)
    expect(Buffer.from(redated).toString()).toBe(
      `Date: Tue, 24 Nov 2026 00:00:00 +0000\r\n${HEADER}`,
    )
    const again = await signHeader(redated, hasher.digest(), keys, { time: DATE })
    expect(await verdicts(Buffer.concat([again, Buffer.from('Hello\r\n')]))).toEqual(GOOD)
  })

  test('a domain that would open another tag is refused', async () => {
    const [key] = keys
    if (!key) throw new Error('no key')
    const bad = { ...key, domain: 'example.com; s=x' }
    await expect(signHeader(Buffer.from(HEADER), 'x', [bad], { time: 0 })).rejects.toThrow(
      DkimKeyError,
    )
  })
})

describe('the body hash', () => {
  test('does not depend on the cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\r\n', 'ü') })
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (input, offsets) => {
        const octets = Buffer.from(input)
        const whole = new BodyHasher()
        whole.update(octets)
        const parts = new BodyHasher()
        for (const chunk of cut(octets, offsets)) parts.update(chunk)
        expect(parts.digest()).toBe(whole.digest())
      }),
    )
  })

  test('is that of RFC 6376 for nothing at all', () => {
    expect(new BodyHasher().digest()).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
  })
})

describe('keys', () => {
  test('PKCS#1 is taken, and written as PKCS#8', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    const read = readDkimKey(pem)
    expect(read.algorithm).toBe('rsa-sha256')
    expect(read.pem).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    expect(readDkimKey(read.pem)).toEqual(read)
  })

  test.each([
    ['no key', 'hello'],
    [
      '512 bits',
      generateKeyPairSync('rsa', { modulusLength: 512 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
    [
      'another kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
    [
      'a public key',
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ],
  ])('%s is refused without a word of it', (_, pem) => {
    expect(() => readDkimKey(pem)).toThrow(DkimKeyError)
    try {
      readDkimKey(pem)
    } catch (error) {
      expect(String(error)).not.toContain(pem.slice(30, 60) || 'hello')
    }
  })

  test('a key for another algorithm signs nothing', async () => {
    const [rsa, ed25519] = keys
    if (!rsa || !ed25519) throw new Error('no keys')
    const mixed = { ...rsa, pem: ed25519.pem }
    await expect(signHeader(Buffer.from(HEADER), 'x', [mixed], { time: 0 })).rejects.toThrow(
      DkimKeyError,
    )
  })

  test('the record holds what RFC 8463 asks: 32 octets for Ed25519', () => {
    const [name, value] = [...zone].at(-1) ?? []
    expect(name).toBe('ed2._domainkey.example.com')
    expect(value).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/)
  })
})
