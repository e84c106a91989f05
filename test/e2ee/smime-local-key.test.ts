import { createPublicKey, type KeyObject, randomBytes, verify, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { smimeLocalKeys } from '../../src/e2ee/smime/local-key.ts'
import { smimeProvider } from '../../src/e2ee/smime/provider.ts'
import type { SignAlgorithm } from '../../src/ports/e2ee-provider.ts'
import {
  digitalSignature,
  type Identity,
  type KeyKind,
  keyCertSign,
  keyEncipherment,
  makeIdentity,
  recordOf,
} from '../support/smime-identity.ts'

const ADA = 'ada@example.com'
const ABORT = new AbortController().signal
const PASSPHRASE = 'correct horse'
const made: Partial<Record<KeyKind, Identity>> = {}

beforeAll(async () => {
  for (const kind of ['rsa', 'p-256', 'p-384', 'p-521', 'ed25519'] as const)
    made[kind] = await makeIdentity(ADA, { kind })
})

function identity(kind: KeyKind): Identity {
  const found = made[kind]
  if (!found) throw new Error(`no ${kind}`)
  return found
}

const certificatePem = ({ x509 }: Identity) => `${x509.toString('pem')}\n`
const read = (material: string | Uint8Array, passphrase: string | null = null) =>
  smimeLocalKeys.read(
    typeof material === 'string' ? Buffer.from(material, 'latin1') : material,
    passphrase,
  )

describe('a signer signs with what fits its key', () => {
  test.each<[KeyKind, SignAlgorithm[]]>([
    [
      'rsa',
      [
        'rsa-pkcs1-sha256',
        'rsa-pkcs1-sha384',
        'rsa-pkcs1-sha512',
        'rsa-pss-sha256',
        'rsa-pss-sha384',
        'rsa-pss-sha512',
      ],
    ],
    ['p-256', ['ecdsa-p256-sha256']],
    ['p-384', ['ecdsa-p384-sha384']],
    ['p-521', ['ecdsa-p521-sha512']],
    ['ed25519', ['ed25519']],
  ])('%s', async (kind, algorithms) => {
    const { secret, certificate } = await read(identity(kind).pem)
    expect(certificate.addresses).toEqual([ADA])
    const signer = await smimeLocalKeys.open(secret, certificate.material, 'ada')
    expect([signer.keyRef, signer.algorithms]).toEqual(['ada', algorithms])
    const message = randomBytes(200)
    for (const algorithm of algorithms) {
      const signature = await signer.sign(algorithm, { message }, ABORT)
      expect(isGood(algorithm, message, identity(kind).privateKey, signature), algorithm).toBe(true)
    }
    const other = kind === 'ed25519' ? 'rsa-pkcs1-sha256' : 'ed25519'
    const refused = { code: 'signer.refused' }
    await expect(signer.sign(other, { message }, ABORT)).rejects.toMatchObject(refused)
    const digest = randomBytes(32)
    const [first = other] = algorithms
    await expect(signer.sign(first, { digest }, ABORT)).rejects.toMatchObject(refused)
  })
})

function isGood(algorithm: SignAlgorithm, message: Buffer, key: KeyObject, signature: Uint8Array) {
  const how = {
    key: createPublicKey(key),
    dsaEncoding: 'ieee-p1363' as const,
    ...(algorithm.startsWith('rsa-pss') && { padding: 6, saltLength: -1 }),
  }
  const hash = algorithm === 'ed25519' ? null : algorithm.slice(algorithm.lastIndexOf('-') + 1)
  return verify(hash, message, how, signature)
}

describe('the forms that keys are exported in', () => {
  const locked = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const
  test.each<[string, KeyKind, object]>([
    ['PKCS#8', 'rsa', { type: 'pkcs8' }],
    ['PKCS#1', 'rsa', { type: 'pkcs1' }],
    ['SEC1', 'p-256', { type: 'sec1' }],
    ['locked PKCS#8', 'rsa', { type: 'pkcs8', ...locked }],
    ['locked PKCS#8 of Ed25519', 'ed25519', { type: 'pkcs8', ...locked }],
    ['PKCS#1 as OpenSSL locked it', 'rsa', { type: 'pkcs1', ...locked }],
    ['SEC1 as OpenSSL locked it', 'p-256', { type: 'sec1', ...locked }],
  ])('%s in PEM', async (_form, kind, options) => {
    const { privateKey, ...one } = identity(kind)
    const pem = privateKey.export({ format: 'pem', ...options } as never)
    const material = `${pem}${certificatePem({ privateKey, ...one })}`
    const isLocked = 'passphrase' in options
    const key = await read(material, isLocked ? PASSPHRASE : null)
    expect(Buffer.from(key.secret)).toEqual(privateKey.export({ format: 'der', type: 'pkcs8' }))
    if (!isLocked) return
    await expect(read(material)).rejects.toMatchObject({ code: 'signer.locked' })
    const wrong = { code: 'signer.bad_passphrase' }
    await expect(read(material, 'wrong')).rejects.toMatchObject(wrong)
  })

  test.each<[KeyKind, 'pkcs8' | 'pkcs1' | 'sec1']>([
    ['rsa', 'pkcs8'],
    ['rsa', 'pkcs1'],
    ['p-384', 'sec1'],
  ])('%s in DER, %s, before its certificate', async (kind, type) => {
    const { privateKey, certificate } = identity(kind)
    const der = privateKey.export({ format: 'der', type } as never)
    const key = await read(Buffer.concat([der as unknown as Buffer, certificate]))
    expect(key.certificate.material).toEqual(certificate)
  })

  test.each([100_001, 600_000, 5_000_000_000])('%d rounds are not tried', async (rounds) => {
    const material = lockedWith(rounds)
    const refused = {
      code: 'signer.unlock_unsupported',
      message: expect.stringContaining(`${rounds} rounds`),
    }
    await expect(read(material, PASSPHRASE)).rejects.toMatchObject(refused)
  })

  test('100,000 rounds are', async () => {
    await expect(read(lockedWith(100_000), 'wrong')).rejects.toMatchObject({
      code: 'signer.bad_passphrase',
    })
  })

  test.each([
    ['scrypt', '2a864886f70d01050c', '2b06010401da47040b'],
    ['PBES1', '2a864886f70d01050d', '2a864886f70d010503'],
    ['PBKDF2 with SHA-512', '2a864886f70d0209', '2a864886f70d020b'],
  ])('%s is not tried', async (_name, oid, other) => {
    const der = Buffer.from(lockedDer(2048).toString('hex').replace(oid, other), 'hex')
    const refused = { code: 'signer.unlock_unsupported' }
    await expect(read(asPem(der), PASSPHRASE)).rejects.toMatchObject(refused)
  })
})

/** An EncryptedPrivateKeyInfo as RFC 8018 has it, around noise. */
function lockedDer(rounds: number): Buffer {
  const octets = Buffer.from(rounds.toString(16).padStart(12, '0'), 'hex')
  const seq = (...parts: Buffer[]) => tlv(0x30, ...parts)
  const oid = (hex: string) => tlv(6, Buffer.from(hex, 'hex'))
  const pbkdf2 = seq(
    oid('2a864886f70d01050c'),
    seq(tlv(4, randomBytes(8)), tlv(2, octets), seq(oid('2a864886f70d0209'), tlv(5))),
  )
  const cipher = seq(oid('60864801650304012a'), tlv(4, randomBytes(16)))
  return seq(seq(oid('2a864886f70d01050d'), seq(pbkdf2, cipher)), tlv(4, randomBytes(64)))
}

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  return Buffer.concat([Buffer.from(length < 128 ? [tag, length] : [tag, 0x81, length]), content])
}

const asPem = (der: Buffer) =>
  `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----\n`
const lockedWith = (rounds: number) => asPem(lockedDer(rounds))

describe('several certificates', () => {
  test('the leaf is the one of the key that signs, the chain goes issuer by issuer without root', async () => {
    const root = await makeIdentity('Root', { kind: 'p-256', ca: true, usage: keyCertSign })
    const upper = await makeIdentity('Upper', { issuer: root, ca: true, usage: keyCertSign })
    const lower = await makeIdentity('Lower', {
      kind: 'p-384',
      issuer: upper,
      ca: true,
      usage: keyCertSign,
    })
    const signs = await makeIdentity(ADA, { issuer: lower, usage: digitalSignature })
    const opens = await makeIdentity(ADA, {
      keys: signs.keys,
      issuer: lower,
      usage: keyEncipherment,
    })
    const stranger = await makeIdentity('bo@example.net', { issuer: lower })
    const all = [opens, root, upper, stranger, lower, signs].map(certificatePem).join('')
    const key = await read(`${all}${signs.privateKey.export({ format: 'pem', type: 'pkcs8' })}`)
    expect(key.certificate.material).toEqual(signs.certificate)
    const subjects = key.chain.map((der) => new X509Certificate(der).subject)
    expect(subjects).toEqual(['CN=Lower', 'CN=Upper'])

    const strict = smimeProvider({ roots: [root.certificate], intermediates: [] })
    const record = recordOf(signs.certificate, ADA)
    const verdict = await strict.assess(record, 'sign', Date.now(), key.chain)
    expect(verdict.usable).toBe(true)
    expect((await strict.assess(record, 'sign', Date.now())).usable).toBe(false)
  })
})

describe('refuses', () => {
  const key = (kind: KeyKind) => identity(kind).privateKey.export({ format: 'pem', type: 'pkcs8' })
  const cases: [string, () => string, string][] = [
    ['noise', () => 'noise', 'there is no private key in it'],
    ['nothing', () => '', 'there is no private key in it'],
    ['a certificate alone', () => certificatePem(identity('rsa')), 'there is no private key in it'],
    ['a key alone', () => `${key('rsa')}`, 'no certificate came'],
    ['two keys', () => `${key('rsa')}${key('p-256')}`, 'several private keys'],
    [
      'the certificate of another key',
      () => `${key('rsa')}${certificatePem(identity('p-256'))}`,
      'no certificate belongs',
    ],
    [
      'a mangled key',
      () => '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      'can not be read',
    ],
    [
      'a mangled locked key',
      () => '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n',
      'can not be read',
    ],
  ]
  test.each(cases)('%s', async (_what, material, detail) => {
    await expect(read(material(), PASSPHRASE)).rejects.toMatchObject({
      code: 'key.malformed',
      message: expect.stringContaining(detail),
    })
  })
})
