import { config, encryptKey, enums, type PrivateKey, type SecretKeyPacket } from 'openpgp'
import { describe, expect, test } from 'vitest'
import { openPgpSigner, pgpLocalKeys } from '../../src/e2ee/pgp/local-key.ts'
import type { SignAlgorithm } from '../../src/ports/e2ee-provider.ts'
import {
  type Identity,
  type KeyKind,
  KINDS,
  makeIdentity,
  PAYLOAD,
  protect,
} from '../support/pgp-identity.ts'
import { verified } from '../support/pgp-reader.ts'

const ADA = 'ada@example.com'
const KEYS = Object.keys(KINDS) as KeyKind[]
const ALGORITHMS: Record<string, SignAlgorithm> = {
  RSA: 'rsa-pkcs1-sha512',
  'P-256': 'ecdsa-p256-sha256',
  'P-384': 'ecdsa-p384-sha384',
  'P-521': 'ecdsa-p521-sha512',
}

async function locked({ key }: Identity, part: object = {}): Promise<PrivateKey> {
  const how = { ...config, s2kIterationCountByte: 96, ...part }
  return encryptKey({ privateKey: key, passphrase: 'open sesame', config: how })
}

async function signs(identity: Identity, opened: Awaited<ReturnType<typeof openPgpSigner>>) {
  const publicKey = { ...identity.record, material: opened.certificate }
  const signer = { address: ADA, signer: opened.signer, publicKey, chain: [] }
  const { header, octets } = await protect({ operation: 'sign', signer })
  const entity = `Content-Type: ${header[0]?.[1]}\r\n\r\n${octets.toString('latin1')}`
  return (await verified(entity, identity)).content
}

describe.each(KEYS)('%s', (kind) => {
  test('signs as a Signer, armoured or binary, locked or not', async () => {
    const identity = await makeIdentity(ADA, kind)
    const secret = await locked(identity)
    const files: [Uint8Array, string | null][] = [
      [Buffer.from(identity.secret), null],
      [identity.key.write(), 'not asked for'],
      [secret.write(), 'open sesame'],
      [Buffer.from(secret.armor(config)), 'open sesame'],
    ]
    for (const [file, passphrase] of files) {
      const opened = await openPgpSigner(file, passphrase)
      const [name = ''] = kind.split(/-3072|\s/)
      expect(opened.signer.algorithms[0]).toBe(ALGORITHMS[name] ?? 'ed25519')
      expect(opened.fingerprint).toBe(identity.record.fingerprint)
      expect(await signs(identity, opened)).toBe(PAYLOAD.toString('latin1'))
    }
  })

  test('is kept unlocked, and without what would decrypt', async () => {
    const identity = await makeIdentity(ADA, kind)
    const { secret, certificate } = await pgpLocalKeys.read(
      (await locked(identity)).write(),
      'open sesame',
    )
    expect(certificate).toMatchObject({ addresses: [ADA], uses: ['encrypt', 'sign'] })
    const subkey = identity.key.subkeys[0]?.keyPacket as unknown as SecretKeyPacket
    for (const number of Object.values(subkey.privateParams ?? {}))
      expect(Buffer.from(secret).includes(number as Uint8Array)).toBe(false)
    const signer = await pgpLocalKeys.open(secret, certificate.material, 'ref')
    expect(signer.keyRef).toBe('ref')
    const opened = { signer, certificate: certificate.material, fingerprint: '' }
    expect(await signs(identity, opened)).toBe(PAYLOAD.toString('latin1'))
  })
})

describe('what can not be unlocked says why', () => {
  const refusal = async (key: PrivateKey, passphrase: string | null, options = {}) => {
    const error = await openPgpSigner(key.write(), passphrase, options).catch((one) => one)
    return error.code as string
  }

  test('no passphrase, a wrong one, too many rounds, Argon2', async () => {
    const identity = await makeIdentity(ADA)
    const secret = await locked(identity)
    expect(await refusal(secret, null)).toBe('signer.locked')
    expect(await refusal(secret, 'sesame')).toBe('signer.bad_passphrase')
    expect(await refusal(secret, '')).toBe('signer.bad_passphrase')
    expect(await refusal(secret, 'open sesame', { s2kOctets: 65_535 })).toBe(
      'signer.unlock_unsupported',
    )
    const argon = await locked(identity, {
      s2kType: enums.s2k.argon2,
      aeadProtect: true,
      s2kArgon2Params: { passes: 1, parallelism: 1, memoryExponent: 6 },
    })
    expect(await refusal(argon, 'open sesame')).toBe('signer.unlock_unsupported')
  })

  test('a wrong passphrase of a key locked by authenticated encryption', async () => {
    const identity = await makeIdentity(ADA, 'ids 25/27 v6')
    const secret = await locked(identity, { aeadProtect: true })
    expect(await refusal(secret, 'sesame')).toBe('signer.bad_passphrase')
    expect((await openPgpSigner(secret.write(), 'open sesame')).signer.algorithms).toEqual([
      'ed25519',
    ])
  })

  test('a key whose secret half is on a card', async () => {
    const { key } = await makeIdentity(ADA)
    ;(key.keyPacket as SecretKeyPacket).makeDummy(config)
    expect(await refusal(key, null)).toBe('signer.unlock_unsupported')
  })

  test('a signing subkey beside a primary key that was taken out signs', async () => {
    const subkeys = [{ sign: true }, {}]
    const identity = await makeIdentity(ADA, 'P-256 v4', { subkeys })
    ;(identity.key.keyPacket as SecretKeyPacket).makeDummy(config)
    const opened = await openPgpSigner(identity.key.write(), null)
    expect(opened.signer.keyRef).toBe(identity.key.subkeys[0]?.getFingerprint())
    expect(await signs(identity, opened)).toBe(PAYLOAD.toString('latin1'))
  })

  test('no secret key, several, and no key at all', async () => {
    const { key } = await makeIdentity(ADA)
    const other = (await makeIdentity(ADA)).key
    const code = (file: Uint8Array) =>
      openPgpSigner(file, null).catch((error) => [error.code, error.message])
    expect(await code(key.toPublic().write())).toMatchObject(['key.malformed', expect.anything()])
    expect(await code(Buffer.from('noise'))).toMatchObject(['key.malformed', expect.anything()])
    const both = Buffer.concat([key.write(), other.write()])
    expect(await code(both)).toMatchObject(['key.ambiguous', expect.anything()])
  })
})

test('a Signer takes a message as well as its digest', async () => {
  const { createHash, verify } = await import('node:crypto')
  const identity = await makeIdentity(ADA, 'RSA-3072 v4')
  const { signer } = await openPgpSigner(identity.key.write(), null)
  const { n, e } = identity.key.keyPacket.publicParams as Record<string, Uint8Array>
  const text = (octets?: Uint8Array) => Buffer.from(octets ?? []).toString('base64url')
  const key = { key: { kty: 'RSA', n: text(n), e: text(e) }, format: 'jwk' } as const
  for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
    const digest = createHash(hash).update(PAYLOAD).digest()
    const { signal } = new AbortController()
    for (const input of [{ digest }, { message: PAYLOAD }]) {
      const signature = await signer.sign(`rsa-pkcs1-${hash}`, input, signal)
      expect(verify(hash, PAYLOAD, key, signature)).toBe(true)
    }
  }
})
