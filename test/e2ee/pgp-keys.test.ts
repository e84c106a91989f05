import {
  config,
  enums,
  type KeyOptions,
  type PrivateKey,
  revokeKey,
  type SecretKeyPacket,
} from 'openpgp'
import { beforeAll, describe, expect, test } from 'vitest'
import { number, packet, TAG } from '../../src/e2ee/pgp/packets.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import {
  type Identity,
  identityOf,
  type KeyKind,
  makeIdentity,
  recordFrom,
  resign,
} from '../support/pgp-identity.ts'

const BO = 'Bo@Example.NET'
const DAY = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * DAY)
const provider = pgpProvider()
let bo: Identity
let cy: Identity

beforeAll(async () => {
  bo = await makeIdentity(BO)
  cy = await makeIdentity('cy@example.org', 'ids 25/27 v6')
})

const publicOf = ({ key }: Identity) => key.toPublic().armor(config)

describe('inspect', () => {
  test('finds every certificate of a file, armoured or not, and what each says', async () => {
    const armored = Buffer.from(`From a friend:\n${publicOf(bo)}\n\n${publicOf(cy)}`)
    const binary = Buffer.concat([bo.key.toPublic().write(), cy.key.toPublic().write()])
    for (const material of [armored, binary]) {
      const facts = await provider.inspect(material)
      expect(facts.map(({ addresses, uses }) => [addresses, uses])).toEqual([
        [['Bo@example.net'], ['encrypt', 'sign']],
        [['cy@example.org'], ['encrypt', 'sign']],
      ])
      expect(facts[0]?.fingerprint).toMatch(/^[0-9a-f]{40}$/)
      expect(facts[1]?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
      expect(facts[0]?.capabilities).toEqual(['v4', 'SEIPDv1', 'AES-256'])
      expect(facts[1]?.capabilities).toEqual(
        expect.arrayContaining(['v6', 'SEIPDv1', 'SEIPDv2', 'AES-256', 'AES-256-GCM']),
      )
      expect(Buffer.from(facts[0]?.material ?? [])).toEqual(Buffer.from(bo.key.toPublic().write()))
    }
  })

  test.each([
    ['RSA', 4, 1, [16_384, 17], 'a modulus of 16384 bits'],
    ['RSA with a long exponent', 4, 1, [2048, 2048], 'an exponent of 2048 bits'],
    ['RSA of version 6', 6, 1, [16_384, 17], 'a modulus of 16384 bits'],
    ['DSA', 4, 17, [16_384, 256], 'a modulus of 16384 bits'],
  ])('%s with numbers that take long is refused before they are', async (...given) => {
    const [, version, algorithm, bits, detail] = given
    const numbers = bits.map((length) =>
      Buffer.concat([number(length, 2), Buffer.alloc(Math.ceil(length / 8), 0xff)]),
    )
    const all = Buffer.concat(numbers)
    const head = [version, 0, 0, 0, 0, algorithm]
    const before = version === 6 ? number(all.length, 4) : Buffer.alloc(0)
    const material = packet(TAG.publicKey, Buffer.concat([Buffer.from(head), before, all]))
    await expect(provider.inspect(material)).rejects.toMatchObject({
      code: 'key.unsupported_algorithm',
      message: detail,
    })
  })

  test('tells until when it serves', async () => {
    const year = 365 * 86_400
    const one = await makeIdentity(BO, 'P-256 v4', {
      keyExpirationTime: 2 * year,
      subkeys: [{ keyExpirationTime: year }],
    })
    const created = one.key.getCreationTime().getTime()
    expect(one.record.not_before).toBe(created)
    expect(one.record.not_after).toBe(created + year * 1000)
    expect(bo.record.not_after).toBe(null)
  })

  test('leaves out user ids that were revoked, that others wrote, and that are no address', async () => {
    const options = {
      userIDs: [
        { email: BO },
        { email: 'old@example.net' },
        { name: 'x@y z' },
        { email: 'eve@example.net' },
      ],
    }
    const { key } = await makeIdentity(BO, 'P-256 v4', options)
    const [first, old, , eve] = key.users
    if (!first || !old || !eve) throw new Error('four were made')
    key.users[1] = await old.revoke(key.keyPacket as SecretKeyPacket)
    Object.assign(key.users[1] ?? {}, { selfCertifications: old.selfCertifications })
    Object.assign(eve, { selfCertifications: first.selfCertifications })
    const [facts] = await provider.inspect(key.toPublic().write())
    expect(facts?.addresses).toEqual(['Bo@example.net'])
  })

  test.each([['armoured'], ['binary']])('refuses a secret key, %s, without echo', async (form) => {
    const material = form === 'binary' ? bo.key.write() : Buffer.from(bo.secret)
    const both = Buffer.concat([Buffer.from(publicOf(cy)), Buffer.from(bo.secret)])
    for (const upload of form === 'binary' ? [material] : [material, both]) {
      const refusal = await provider.inspect(upload).catch((error) => error)
      expect(refusal).toMatchObject({ code: 'key.malformed', provider: 'pgp' })
      expect(refusal.message).toContain('secret key')
      expect(JSON.stringify([refusal.message, refusal.cause])).not.toMatch(/[A-Za-z0-9+/]{30}/)
    }
  })

  test.each([
    ['noise', Buffer.from('0123456789abcdef'.repeat(9))],
    ['nothing', Buffer.alloc(0)],
    ['armour without end', Buffer.from('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n')],
    ['a message', Buffer.from(packet(11, Buffer.from('b\0\0\0\0\0hello')))],
  ])('refuses %s', async (_what, material) => {
    await expect(provider.inspect(material)).rejects.toMatchObject({ code: 'key.malformed' })
  })

  test('takes none of a certificate that is cut off: its revocation may be what is missing', async () => {
    const whole = bo.key.toPublic().write()
    for (const cut of [whole.length - 1, whole.length - 100])
      await expect(provider.inspect(whole.subarray(0, cut))).rejects.toMatchObject({
        code: 'key.malformed',
      })
    const after = Buffer.concat([cy.key.toPublic().write(), whole.subarray(0, -1)])
    expect(await provider.inspect(after)).toMatchObject([{ addresses: ['cy@example.org'] }])
  })
})

/** Only its algorithm is looked at. */
const primary = (version: number, algorithm: number, numbers = Array(4).fill([0, 1, 1]).flat()) =>
  packet(6, Buffer.from([version, 0x60, 0, 0, 0, algorithm, ...numbers]))
const secp256k1 = [5, 0x2b, 0x81, 4, 0, 10, 2, 3, 4, ...Array(64).fill(7)]

describe('assess', () => {
  const weak = { config: { minRSABits: 1024 } }
  const free = { config: { rejectCurves: new Set<never>() } }
  const cases: [string, KeyKind, Partial<KeyOptions>, 'encrypt' | 'sign', string | true][] = [
    ['a good one', 'legacy Curve25519 v4', {}, 'encrypt', true],
    ['a good one', 'ids 25/27 v6', {}, 'encrypt', true],
    ['a good one', 'P-521 v4', {}, 'sign', true],
    [
      'an expired one',
      'P-256 v4',
      { date: ago(2), keyExpirationTime: 60 },
      'encrypt',
      'key.expired',
    ],
    [
      'an expired one',
      'ids 25/27 v6',
      { date: ago(2), keyExpirationTime: 60 },
      'sign',
      'key.expired',
    ],
    ['one for later', 'P-256 v4', { date: ago(-1) }, 'encrypt', 'key.not_yet_valid'],
    ['one for later', 'ids 25/27 v6', { date: ago(-1) }, 'sign', 'key.not_yet_valid'],
    [
      'an expired subkey',
      'P-256 v4',
      { date: ago(2), subkeys: [{ keyExpirationTime: 60 }] },
      'encrypt',
      'key.expired',
    ],
    [
      'a subkey for later',
      'P-256 v4',
      { date: ago(2), subkeys: [{ date: ago(-1) }] },
      'encrypt',
      'key.not_yet_valid',
    ],
    [
      'one old and one good subkey',
      'P-256 v4',
      { date: ago(3), subkeys: [{}, { date: ago(1), keyExpirationTime: 60 }] },
      'encrypt',
      true,
    ],
    ['one that only signs', 'P-256 v4', { subkeys: [] }, 'encrypt', 'key.no_encryption_capability'],
    ['one that only signs', 'P-256 v4', { subkeys: [] }, 'sign', true],
    ['a short RSA key', 'RSA-3072 v4', { rsaBits: 1024, ...weak }, 'encrypt', 'key.weak'],
    [
      'a short RSA subkey',
      'P-256 v4',
      { subkeys: [{ type: 'rsa', rsaBits: 1024 }], ...weak },
      'encrypt',
      'key.weak',
    ],
    ['RSA of 2048 bits', 'RSA-3072 v4', { rsaBits: 2048 }, 'encrypt', true],
    [
      'the curve of Bitcoin in a subkey',
      'P-256 v4',
      { subkeys: [{ curve: 'secp256k1' }], ...free },
      'encrypt',
      'key.unsupported_algorithm',
    ],
    ['Ed448', 'P-256 v4', { type: 'curve448' }, 'encrypt', true],
    ['Ed448', 'P-256 v4', { type: 'curve448' }, 'sign', 'key.unsupported_algorithm'],
  ]
  test.each(cases)('%s, %s %j, for %s', async (_what, kind, options, use, expected) => {
    const { record } = await makeIdentity(BO, kind, options)
    const verdict = await provider.assess(record, use, Date.now())
    expect(verdict.usable ? true : verdict.code).toBe(expected)
  })

  const code = async (key: PrivateKey, use: 'encrypt' | 'sign' = 'encrypt') => {
    const { record } = await identityOf(BO, key)
    const verdict = await provider.assess(record, use, Date.now())
    return verdict.usable ? true : verdict.code
  }

  test.each([
    ['compromised', enums.reasonForRevocation.keyCompromised],
    ['superseded', enums.reasonForRevocation.keySuperseded],
  ])('a revoked one: %s', async (_why, flag) => {
    const { key } = await makeIdentity(BO, 'P-256 v4')
    const revoked = await revokeKey({ key, reasonForRevocation: { flag }, format: 'object' })
    expect(await code(revoked.privateKey)).toBe('key.revoked')
    expect(await code(revoked.privateKey, 'sign')).toBe('key.revoked')
  })

  test('one whose subkey, or whose only user id, was revoked', async () => {
    const { key } = await makeIdentity(BO, 'P-256 v4')
    const own = key.keyPacket as SecretKeyPacket
    const [subkey] = key.subkeys
    const [user] = key.users
    if (!subkey || !user) throw new Error('both were made')
    key.subkeys = [await subkey.revoke(own)]
    Object.assign(key.subkeys[0] ?? {}, { bindingSignatures: subkey.bindingSignatures })
    expect(await code(key)).toBe('key.revoked')
    expect(await code(key, 'sign')).toBe(true)
    key.users = [await user.revoke(own)]
    Object.assign(key.users[0] ?? {}, { selfCertifications: user.selfCertifications })
    expect(await code(key, 'sign')).toBe('key.revoked')
  })

  test('one without a user id that it certifies', async () => {
    const { key } = await makeIdentity(BO, 'P-256 v4')
    key.users = []
    expect(await code(key)).toBe('key.malformed')
  })

  test('a subkey that another key bound', async () => {
    const { key } = await makeIdentity(BO, 'P-256 v4', { subkeys: [] })
    key.subkeys = (await makeIdentity('eve@example.org', 'P-256 v4')).key.subkeys
    expect(await code(key)).not.toBe(true)
  })

  test('one that only certifies is not for signing', async () => {
    const { key } = await makeIdentity(BO, 'P-256 v4')
    const signature = key.users[0]?.selfCertifications[0]
    Object.assign(signature ?? {}, { keyFlags: Uint8Array.of(enums.keyFlags.certifyKeys) })
    await resign(signature, key, { userID: key.users[0]?.userID, key: key.keyPacket })
    expect(await code(key, 'sign')).toBe('key.wrong_usage')
    expect(await code(key)).toBe(true)
  })

  test.each([
    ['DSA', primary(4, 17), 'key.unsupported_algorithm'],
    ['ElGamal', primary(4, 16), 'key.unsupported_algorithm'],
    ['the curve of Bitcoin', primary(4, 19, secp256k1), 'key.unsupported_algorithm'],
    ['an algorithm of the future', primary(6, 99), 'key.unsupported_algorithm'],
    ['version 3', primary(3, 1), 'key.unsupported_version'],
    ['version 5', primary(5, 1), 'key.unsupported_version'],
    ['noise', Buffer.from('0123456789'), 'key.malformed'],
    ['nothing', Buffer.alloc(0), 'key.malformed'],
    ['half a key', primary(4, 1).subarray(0, 12), 'key.malformed'],
    ['a key of zeros', packet(6, Buffer.alloc(40)), 'key.unsupported_version'],
  ])('%s is a verdict, never an exception', async (_what, material, expected) => {
    const record = { ...bo.record, material }
    expect(await provider.assess(record, 'encrypt', Date.now())).toMatchObject({ code: expected })
  })

  test('a secret key, and two certificates in one record', async () => {
    const pair = Buffer.concat([bo.record.material, cy.record.material])
    for (const material of [bo.key.write(), pair])
      expect(await provider.assess({ ...bo.record, material }, 'encrypt', 0)).toMatchObject({
        code: 'key.malformed',
      })
    expect(await recordFrom(BO, pair)).toMatchObject({ addresses: ['Bo@example.net'] })
  })
})
