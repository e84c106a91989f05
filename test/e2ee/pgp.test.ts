import { enums, readMessage, type SignaturePacket } from 'openpgp'
import { beforeAll, describe, expect, test } from 'vitest'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import { digestSigner } from '../../src/e2ee/pgp/sign-digest.ts'
import type { ProtectJob } from '../../src/ports/e2ee-provider.ts'
import {
  armorIn,
  type Identity,
  identityOf,
  jobOf,
  type KeyKind,
  KINDS,
  type Made,
  makeIdentity,
  PAYLOAD,
  protect,
  resign,
  signerOf,
  to,
} from '../support/pgp-identity.ts'
import { opened, partsOf, verified } from '../support/pgp-reader.ts'

const KEYS = Object.keys(KINDS) as KeyKind[]
const TEXT = PAYLOAD.toString('latin1')
const MODERN = { profile: 'modern', gossip: false } as const
const all = {} as Record<KeyKind, Identity>
let bo: Identity
let cy: Identity
let dee: Identity

beforeAll(async () => {
  for (const kind of KEYS) all[kind] = await makeIdentity('ada@example.com', kind)
  bo = await makeIdentity('bo@example.net')
  cy = await makeIdentity('cy@example.org', 'P-256 v4')
  dee = await makeIdentity('dee@example.org', 'ids 25/27 v6')
})

const entityOf = ({ header, octets }: Made) =>
  `${header.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${octets.toString('latin1')}`

const keyIdsOf = async (made: Made) =>
  (await readMessage({ armoredMessage: armorIn(made) }))
    .getEncryptionKeyIDs()
    .map((id) => id.toHex())

describe.each(KEYS)('%s', (kind) => {
  test('signs the octets as they are, and says with which hash', async () => {
    const made = await protect({ operation: 'sign', ...(await signerOf(all[kind])) })
    const { content, packet } = await verified(entityOf(made), all[kind])
    expect(content).toBe(TEXT)
    expect(packet.signatureType).toBe(enums.signature.binary)
    expect(packet.version).toBe(kind.endsWith('v6') ? 6 : 4)
    const hashes: Record<number, string> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' }
    expect(made.header[0]?.[1]).toContain(`; micalg=pgp-${hashes[packet.hashAlgorithm ?? 0]}`)
    expect(made.report).toEqual({
      signature: expect.any(String),
      signerKey: all[kind].record.fingerprint,
      recipientKeys: [],
      warnings: [],
    })
  })

  test('signs inside what is encrypted to it and to others', async () => {
    const made = await protect({
      operation: 'sign+encrypt',
      recipients: to(bo, cy),
      selfKeys: [all[kind].record],
      ...(await signerOf(all[kind])),
    })
    for (const reader of [bo, cy, all[kind]]) {
      const { content } = await verified(await opened(armorIn(made), reader), all[kind])
      expect(content).toBe(TEXT)
    }
    expect(made.report.recipientKeys).toEqual(
      [bo, cy, all[kind]].map(({ record }) => record.fingerprint),
    )
  })
})

describe('signed', () => {
  test('at the time of the job, without version, comment or notation', async () => {
    const now = Math.floor(Date.now() / 1000) * 1000 - 5000
    const ada = await makeIdentity('ada@example.com', 'P-256 v4', { date: new Date(now - 1000) })
    const made = await protect({ operation: 'sign', now, ...(await signerOf(ada)) })
    const { packet } = await verified(entityOf(made), ada)
    expect(packet.created?.getTime()).toBe(now)
    expect(packet.rawNotations).toEqual([])
    expect(partsOf(entityOf(made))[1]).toMatch(/-----BEGIN PGP SIGNATURE-----\r\n\r\n[A-Za-z0-9+/]/)
  })

  test('a v4 signature has a checksum in its armour, a v6 signature none', async () => {
    const sign = async (identity: Identity) =>
      armorIn(await protect({ operation: 'sign', ...(await signerOf(identity)) }))
    expect(await sign(bo)).toMatch(/\r\n=[^=\r\n]{4}\r\n-----END/)
    expect(await sign(dee)).not.toMatch(/\r\n=[^=\r\n]{4}\r\n-----END/)
  })

  test('by a subkey where the certificate has one for it', async () => {
    const subkeys = [{ sign: true }, {}]
    const identity = await makeIdentity('ada@example.com', 'ids 25/27 v4', { subkeys })
    const made = await protect({ operation: 'sign', ...(await signerOf(identity)) })
    const { packet } = await verified(entityOf(made), identity)
    expect(packet.issuerKeyID.toHex()).toBe(identity.key.subkeys[0]?.getKeyID().toHex())
    expect(made.report.signerKey).toBe(identity.record.fingerprint)
  })

  test('by the key that the signer holds, where several would do', async () => {
    const subkeys = [{ sign: true }, {}]
    const identity = await makeIdentity('ada@example.com', 'ids 25/27 v4', { subkeys })
    const { signer } = await signerOf(identity)
    const sign = digestSigner(identity.key.keyPacket as never)
    const job = {
      operation: 'sign' as const,
      signer: { ...signer, signer: { ...signer.signer, sign } },
    }
    const { packet } = await verified(entityOf(await protect(job)), identity)
    expect(packet.issuerKeyID.toHex()).toBe(identity.key.getKeyID().toHex())
  })

  test('a signer with another key is found out before anything leaves', async () => {
    const { signer } = await signerOf(bo)
    const other = (await signerOf(await makeIdentity('bo@example.net'))).signer.signer
    const job = { operation: 'sign' as const, signer: { ...signer, signer: other } }
    await expect(protect(job)).rejects.toMatchObject({ code: 'signer.refused', provider: 'pgp' })
  })
})

describe('encrypted', () => {
  const cipher = async (part: Partial<ProtectJob>) => (await protect(part)).report.cipher

  test('modern where every key offers it, and only there', async () => {
    const part = { recipients: to(dee), preferences: MODERN }
    expect(await cipher(part)).toBe('SEIPDv2 AES-256-GCM')
    expect(await cipher({ ...part, recipients: to(dee, bo) })).toBe('SEIPDv1 AES-256')
    expect(await cipher({ recipients: to(dee) })).toBe('SEIPDv1 AES-256')
  })

  test("what the sender's own key can't open weakens no recipient's copy, and is told", async () => {
    const made = await protect({ recipients: to(dee), preferences: MODERN, selfKeys: [bo.record] })
    expect(made.report).toMatchObject({
      cipher: 'SEIPDv2 AES-256-GCM',
      recipientKeys: [dee.record.fingerprint, bo.record.fingerprint],
      warnings: ['signer.self_incapable'],
    })
    expect(await opened(armorIn(made), dee)).toBeDefined()
    const both = await protect({ recipients: to(dee), preferences: MODERN, selfKeys: [dee.record] })
    expect(both.report.warnings).toEqual([])
  })

  test('never with OCB: a key that offers only that gets the compatible form', async () => {
    const { key } = await makeIdentity('eve@example.org', 'ids 25/27 v6')
    const direct = key as unknown as { directSignatures: SignaturePacket[] }
    const [signature] = direct.directSignatures
    const suites = [[enums.symmetric.aes256, enums.aead.ocb]]
    Object.assign(signature ?? {}, { preferredCipherSuites: suites })
    await resign(signature, key, { key: key.keyPacket })
    const ocb = await identityOf('eve@example.org', key)
    expect(ocb.record.capabilities).toContain('AES-256-OCB')
    expect(await cipher({ recipients: to(ocb), preferences: MODERN })).toBe('SEIPDv1 AES-256')
  })

  test('in armour with a checksum, but not beside packets of version 6', async () => {
    const block = async (part: Partial<ProtectJob>) => armorIn(await protect(part))
    expect(await block({ recipients: to(bo) })).toMatch(/\r\n=[^=\r\n]{4}\r\n-----END/)
    const modern = { recipients: to(dee), preferences: MODERN }
    expect(await block(modern)).not.toMatch(/\r\n=[^=\r\n]{4}\r\n-----END/)
  })

  test('for v4 and v6 keys together, each opens it', async () => {
    const made = await protect({ recipients: to(bo, dee, all['RSA-3072 v4']) })
    for (const reader of [bo, dee, all['RSA-3072 v4']])
      expect(await opened(armorIn(made), reader)).toBe(TEXT)
  })

  test.each([['compatible'], ['modern']] as const)('hidden, %s, names no key', async (profile) => {
    const preferences = { profile, gossip: false }
    const named = await protect({ recipients: to(dee), preferences })
    expect(await keyIdsOf(named)).toEqual([dee.key.subkeys[0]?.getKeyID().toHex()])
    const made = await protect({ recipients: to(dee), preferences, hideKeyIds: true })
    expect(await keyIdsOf(made)).toEqual(['0000000000000000'])
    expect(await opened(armorIn(made), dee)).toBe(TEXT)
  })

  test('once to a key that several have', async () => {
    const recipients = [...to(bo), { address: 'team@example.net', keys: [bo.record] }]
    const made = await protect({ recipients, selfKeys: [bo.record] })
    expect(await keyIdsOf(made)).toHaveLength(1)
    expect(made.report.recipientKeys).toEqual([bo.record.fingerprint])
  })

  test('to the newest of several encryption subkeys', async () => {
    const at = (days: number) => ({ date: new Date(Date.now() - days * 86_400_000) })
    const subkeys = [{ ...at(3) }, { ...at(1) }, { ...at(2) }]
    const several = await makeIdentity('bo@example.net', 'P-256 v4', { ...at(9), subkeys })
    const made = await protect({ recipients: to(several) })
    expect(await keyIdsOf(made)).toEqual([several.key.subkeys[1]?.getKeyID().toHex()])
  })

  test('not compressed: what is long stays long', async () => {
    const open = async function* () {
      yield Buffer.alloc(200_000, 'a')
    }
    const made = await protect({ payload: { size: null, open }, recipients: to(bo) })
    expect(made.octets.length).toBeGreaterThan(260_000)
  })
})

describe('is all or nothing', () => {
  test('without a signer nothing is signed, without a key nothing is encrypted', async () => {
    await expect(protect({ operation: 'sign' })).rejects.toMatchObject({
      code: 'signer.not_configured',
      provider: 'pgp',
    })
    await expect(protect({})).rejects.toMatchObject({ code: 'key.absent' })
    const keyless = { address: 'cy@example.org', keys: [] }
    await expect(protect({ recipients: [...to(bo), keyless] })).rejects.toMatchObject({
      code: 'key.absent',
      address: 'cy@example.org',
    })
  })

  test('one bad key of many names its recipient', async () => {
    const date = new Date(Date.now() - 86_400_000)
    const old = await makeIdentity('old@example.org', 'P-256 v4', { date, keyExpirationTime: 60 })
    await expect(protect({ recipients: to(bo, old, cy) })).rejects.toMatchObject({
      code: 'key.expired',
      address: 'old@example.org',
      provider: 'pgp',
    })
    await expect(protect({ operation: 'sign', ...(await signerOf(old)) })).rejects.toMatchObject({
      code: 'signer.expired',
      address: 'old@example.org',
    })
  })

  test('a signer that fails, and a payload that breaks off, make the whole fail', async () => {
    const { signer } = await signerOf(bo)
    const down = { ...signer.signer, sign: () => Promise.reject(new Error('down')) }
    const recipients = to(cy)
    const job = {
      operation: 'sign+encrypt' as const,
      recipients,
      signer: { ...signer, signer: down },
    }
    await expect(protect(job)).rejects.toThrow('down')
    const open = async function* () {
      yield PAYLOAD
      throw new Error('broken off')
    }
    await expect(protect({ payload: { size: null, open }, recipients })).rejects.toThrow(
      'broken off',
    )
  })

  test('a body that nobody reads on lets the payload go', async () => {
    let ended = false
    const open = async function* () {
      try {
        for (;;) yield Buffer.alloc(10_000, 'x\r\n')
      } finally {
        ended = true
      }
    }
    const job = jobOf({ payload: { size: null, open }, recipients: to(bo) })
    const { body } = await pgpProvider().protect(job, {} as never)
    let read = 0
    for await (const chunk of body) {
      read += chunk.length
      if (read > 100_000) break
    }
    await expect.poll(() => ended).toBe(true)
  })
})
