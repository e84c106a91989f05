import { randomBytes } from 'node:crypto'
import { RSAPublicKey } from '@peculiar/asn1-rsa'
import { AsnConvert } from '@peculiar/asn1-schema'
import { Certificate } from '@peculiar/asn1-x509'
import { beforeAll, describe, expect, test } from 'vitest'
import { smimeProvider } from '../../src/e2ee/smime/provider.ts'
import type { KeyRecord, ProtectJob, SignAlgorithm } from '../../src/ports/e2ee-provider.ts'
import {
  digitalSignature,
  type Identity,
  type IdentityOptions,
  keyEncipherment,
  localSigner,
  makeIdentity,
} from '../support/smime-identity.ts'

const BO = 'Bo@Example.NET'
const DAY = 86_400_000
const provider = smimeProvider()
let good: Identity
let other: Identity

beforeAll(async () => {
  good = await makeIdentity(BO)
  other = await makeIdentity('cy@example.org', { kind: 'p-256' })
})

describe('inspect', () => {
  test('finds every certificate of a file, and what each says', async () => {
    const facts = await provider.inspect(Buffer.from(`${good.pem}\n${other.pem}`))
    expect(facts.map(({ addresses, uses }) => [addresses, uses])).toEqual([
      [['Bo@example.net'], ['encrypt', 'sign']],
      [['cy@example.org'], ['encrypt', 'sign']],
    ])
    expect(facts[0]?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(facts[0]?.material).toEqual(good.certificate)
  })

  test.each([
    ['noise', randomBytes(100)],
    ['nothing', Buffer.alloc(0)],
    ['a key', Buffer.from('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')],
    [
      'a mangled certificate',
      Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    ],
  ])('refuses %s', async (_what, material) => {
    await expect(provider.inspect(material)).rejects.toMatchObject({ code: 'key.malformed' })
  })
})

describe('assess', () => {
  const cases: [string, IdentityOptions, 'encrypt' | 'sign', string | true][] = [
    ['a good one', {}, 'encrypt', true],
    ['one that leaves its use open', { usage: null }, 'encrypt', true],
    [
      'an expired one',
      { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) },
      'encrypt',
      'key.expired',
    ],
    [
      'one for later',
      { notBefore: new Date(Date.now() + DAY), notAfter: new Date(Date.now() + 2 * DAY) },
      'encrypt',
      'key.not_yet_valid',
    ],
    ['a short RSA key', { kind: 'rsa-1024' }, 'encrypt', 'key.weak'],
    ['one that only signs', { usage: digitalSignature }, 'encrypt', 'key.no_encryption_capability'],
    ['one that only encrypts', { usage: keyEncipherment }, 'sign', 'key.wrong_usage'],
    ['one for web servers', { purposes: ['1.3.6.1.5.5.7.3.1'] }, 'sign', 'key.wrong_usage'],
    ['one for mail', { purposes: ['1.3.6.1.5.5.7.3.4'] }, 'sign', true],
    ['Ed25519', { kind: 'ed25519', usage: null }, 'encrypt', 'key.no_encryption_capability'],
    ['Ed25519', { kind: 'ed25519', usage: null }, 'sign', true],
  ]
  test.each(cases)('%s %j for %s', async (_what, options, use, expected) => {
    const { record } = await makeIdentity(BO, options)
    const verdict = await provider.assess(record, use, Date.now())
    expect(verdict.usable ? true : verdict.code).toBe(expected)
  })

  test('an RSA key that would take long to reckon with', async () => {
    const certificate = AsnConvert.parse(good.certificate, Certificate)
    const { subjectPublicKeyInfo } = certificate.tbsCertificate
    const key = AsnConvert.parse(subjectPublicKeyInfo.subjectPublicKey, RSAPublicKey)
    const modulus = randomBytes(2048)
    modulus[0] = 0x7f
    key.modulus = new Uint8Array(modulus).buffer
    subjectPublicKeyInfo.subjectPublicKey = AsnConvert.serialize(key)
    const material = new Uint8Array(AsnConvert.serialize(certificate))
    expect(await provider.assess({ ...good.record, material }, 'encrypt', Date.now())).toEqual({
      usable: false,
      code: 'key.unsupported_algorithm',
      detail: 'RSA of 16383 bits',
    })
  })

  test('with roots, one that none of them stands behind is not believed', async () => {
    const strict = smimeProvider({ roots: [other.certificate], intermediates: [] })
    expect(await strict.assess(good.record, 'encrypt', Date.now())).toMatchObject({
      code: 'key.untrusted_chain',
    })
    const own = smimeProvider({ roots: [good.certificate], intermediates: [] })
    expect((await own.assess(good.record, 'encrypt', Date.now())).usable).toBe(true)
  })

  test('what is no certificate is a verdict, never an exception', async () => {
    const record = { ...good.record, material: randomBytes(64) }
    expect(await provider.assess(record, 'encrypt', Date.now())).toMatchObject({
      code: 'key.malformed',
    })
  })
})

describe('a certificate with an odd name', () => {
  const san = (...names: string[]) => {
    const all = names.map((name) =>
      Buffer.concat([Buffer.of(0x81, name.length), Buffer.from(name)]),
    )
    const inner = Buffer.concat(all)
    return Buffer.concat([Buffer.of(0x30, inner.length), inner])
  }

  test('names nobody by what is no address', async () => {
    const names = [
      'bo@example.net\0.evil.example',
      'bo@example.net\r\nBcc: x',
      'example.net',
      'Bo@Example.net',
    ]
    const { pem } = await makeIdentity(BO, { san: san(...names) })
    const [facts] = await provider.inspect(Buffer.from(pem))
    expect(facts?.addresses).toEqual(['Bo@example.net'])
  })

  test('is malformed where it can not be read', async () => {
    const der = Buffer.from(good.certificate)
    // Longer than what it stands in.
    der[der.indexOf(BO) - 1] = 0x7f
    await expect(provider.inspect(der)).rejects.toMatchObject({ code: 'key.malformed' })
    const [facts, more] = await provider.inspect(Buffer.concat([der, good.certificate]))
    expect([facts?.fingerprint, more]).toEqual([good.record.fingerprint, undefined])
  })
})

describe('protect is all or nothing', () => {
  const job = (part: Partial<ProtectJob>): ProtectJob => ({
    operation: 'encrypt',
    payload: {
      size: null,
      async *open() {
        yield Buffer.from('Content-Type: text/plain\r\n\r\nHello\r\n')
      },
    },
    recipients: [{ address: BO, keys: [good.record] }],
    selfKeys: [],
    hideKeyIds: false,
    preferences: { profile: 'compatible', gossip: false },
    now: Date.now(),
    random: (octets) => randomBytes(octets),
    abort: new AbortController().signal,
    ...part,
  })

  test('without a signer nothing is signed, without a key nothing is encrypted', async () => {
    const protect = (part: Partial<ProtectJob>) => provider.protect(job(part), {} as never)
    await expect(protect({ operation: 'sign' })).rejects.toMatchObject({
      code: 'signer.not_configured',
    })
    await expect(protect({ operation: 'sign+encrypt' })).rejects.toMatchObject({
      code: 'signer.not_configured',
    })
    await expect(protect({ recipients: [] })).rejects.toMatchObject({ code: 'key.absent' })
    const keyless = { address: 'cy@example.org', keys: [] }
    const recipients = [{ address: BO, keys: [good.record] }, keyless]
    await expect(protect({ recipients })).rejects.toMatchObject({ code: 'key.absent' })
  })

  test.each<['sign' | 'sign+encrypt', SignAlgorithm]>([
    ['sign', 'rsa-pkcs1-sha256'],
    ['sign+encrypt', 'rsa-pkcs1-sha256'],
    ['sign+encrypt', 'rsa-pss-sha256'],
    ['sign', 'ecdsa-p256-sha256'],
  ])('%s with what another key signed by %s is not sent', async (operation, algorithm) => {
    const kind = algorithm.startsWith('rsa') ? 'rsa' : 'p-256'
    const stranger = await makeIdentity(BO, { kind })
    const signer = { ...localSigner(stranger, algorithm), keyRef: 'kms' }
    const signing = { address: BO, signer, publicKey: good.record, chain: [] }
    const reading = async () => {
      const made = await provider.protect(job({ operation, signer: signing }), {} as never)
      for await (const _ of made.body);
    }
    await expect(reading()).rejects.toMatchObject({ code: 'signer.refused' })
  })

  test('a signer that fails makes the whole fail', async () => {
    const signer = {
      ...localSigner(good, 'rsa-pkcs1-sha256'),
      sign: () => Promise.reject(new Error('down')),
    }
    const signing = { address: BO, signer, publicKey: good.record, chain: [] }
    const protecting = provider.protect(
      job({ operation: 'sign+encrypt', signer: signing }),
      {} as never,
    )
    await expect(protecting).rejects.toThrow('down')
  })

  test('the report names cipher, signature and keys, the sender among them', async () => {
    const signer = {
      address: BO,
      signer: localSigner(good, 'rsa-pkcs1-sha256'),
      publicKey: good.record,
      chain: [],
    }
    const part = { operation: 'sign+encrypt' as const, signer, selfKeys: [other.record] }
    const { report, size, body } = await provider.protect(job(part), {} as never)
    expect(report).toEqual({
      cipher: 'AES-256-CBC',
      signature: 'rsa-pkcs1-sha256',
      signerKey: good.record.fingerprint,
      recipientKeys: [good.record.fingerprint, other.record.fingerprint],
      warnings: [],
    })
    let octets = 0
    for await (const chunk of body) octets += chunk.length
    expect(octets).toBe(size)
  })

  test('authenticated encryption where every recipient can open it, and only there', async () => {
    const gcm = '2.16.840.1.101.3.4.1.46'
    const able = { ...good.record, capabilities: [gcm] }
    const ciphers = async (...keys: (typeof able)[]) => {
      const recipients = keys.map((key) => ({ address: BO, keys: [key] }))
      const preferences = { profile: 'modern', gossip: false } as const
      return (await provider.protect(job({ recipients, preferences }), {} as never)).report.cipher
    }
    expect(await ciphers(able)).toBe('AES-256-GCM')
    expect(await ciphers(able, other.record)).toBe('AES-256-CBC')
    const recipients = [{ address: BO, keys: [able] }]
    const preferences = { profile: 'modern', gossip: false } as const
    const made = async (...selfKeys: KeyRecord[]) =>
      (await provider.protect(job({ recipients, selfKeys, preferences }), {} as never)).report
    expect(await made(other.record)).toMatchObject({
      cipher: 'AES-256-GCM',
      recipientKeys: [able.fingerprint, other.record.fingerprint],
      warnings: ['signer.self_incapable'],
    })
    expect((await made({ ...other.record, capabilities: [gcm] })).warnings).toEqual([])
  })
})
