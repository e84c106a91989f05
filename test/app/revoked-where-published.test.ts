/** What an owner's own directory says later can't take back a revocation that it said before. */

import { readKey, revokeKey, type SecretKeyPacket } from 'openpgp'
import { expect, test } from 'vitest'
import { planProtection } from '../../src/app/plan-protection.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import { type Identity, makeIdentity } from '../support/pgp-identity.ts'
import { DAY, NOW, toyWorld } from '../support/toy-protection.ts'

const CY = 'cy@found.example'

/** What a directory serves, day by day, and what becomes of a message to the address. */
function directory() {
  const world = toyWorld({ protocols: ['pgp-mime'] })
  const provider = pgpProvider()
  const load = async () => ({ provider, localKeys: null })
  const work = { ...world.work, registry: { protocols: ['pgp-mime'], load } }
  const told: string[][] = []
  let day = 0
  return {
    world,
    /** Changes of the key, from and to. */
    told,
    async planned(...served: Identity['key'][]) {
      const found = served.map((key) => key.toPublic().write())
      world.published[CY] = { found, contact_at: NOW + ++day * DAY, problem: null }
      const plan = await planProtection(work, {
        from: 'ada@example.com',
        recipients: [{ address: CY, kind: 'to', keys: [] }],
        request: { encrypt: 'require' },
        already: false,
        at: NOW + day * DAY,
        sandbox: false,
      })
      const [cy] = plan.recipients
      told.push(...plan.changes.map(({ from, to }) => [from, to]))
      return cy?.code ?? cy?.key
    },
  }
}

async function keyAndRevoked(date: Date) {
  const { key } = await makeIdentity(CY, undefined, { date })
  const { privateKey: revoked } = await revokeKey({ key, date, format: 'object' })
  return { key, revoked, fingerprint: key.getFingerprint() }
}

/** With another subkey to encrypt to, the first one revoked. */
async function withNewSubkey(key: Identity['key'], date: Date): Promise<Identity['key']> {
  const renewed = await key.addSubkey({ date })
  const [subkey] = renewed.subkeys
  if (!subkey) throw new Error('it was made with one')
  const { revocationSignatures } = await subkey.revoke(
    renewed.keyPacket as SecretKeyPacket,
    undefined,
    date,
  )
  subkey.revocationSignatures = revocationSignatures
  return renewed
}

const YESTERDAY = new Date(NOW - DAY)

test('a key that was only ever found, revoked there, and then served as it was before', async () => {
  const { world, planned } = directory()
  const { key, revoked, fingerprint } = await keyAndRevoked(YESTERDAY)
  expect(await planned(key)).toBe(fingerprint)
  expect(world.keys).toMatchObject([{ source: 'wkd', trust: 'discovered' }])
  expect(await planned(revoked)).toBe('key.revoked')
  expect(await planned(key)).toBe('key.revoked')
  expect(await planned(key)).toBe('key.revoked')
  expect(world.keys).toHaveLength(1)
})

test('one that was revoked when it was first seen', async () => {
  const { planned } = directory()
  const { key, revoked } = await keyAndRevoked(YESTERDAY)
  expect(await planned(revoked)).toBe('key.revoked')
  expect(await planned(key)).toBe('key.revoked')
})

test('one that was seen revoked beside its successor', async () => {
  const { planned, told } = directory()
  const { key, revoked } = await keyAndRevoked(YESTERDAY)
  const next = await keyAndRevoked(new Date(NOW))
  for (const _day of [1, 2, 3]) expect(await planned(revoked, next.key)).toBe(next.fingerprint)
  for (const _day of [1, 2, 3]) expect(await planned(next.key, revoked)).toBe(next.fingerprint)
  expect(told).toEqual([])
  expect(await planned(key)).toBe('key.revoked')
  expect(await planned(key, next.key)).toBe(next.fingerprint)
})

test('one whose subkey was revoked for another one: the former is never encrypted to again', async () => {
  const { planned, world } = directory()
  const { key } = await keyAndRevoked(YESTERDAY)
  const renewed = await withNewSubkey(key, new Date(NOW))
  expect(await planned(key)).toBe(key.getFingerprint())
  expect(await planned(renewed)).toBe(key.getFingerprint())
  expect(await planned(key)).toBe(key.getFingerprint())
  const [stored] = world.keys
  const kept = await readKey({ binaryKey: stored?.material ?? new Uint8Array() })
  const at = new Date(NOW + 4 * DAY)
  const used = await kept.getEncryptionKey(undefined, at)
  expect(used.getKeyID()).toEqual((await renewed.getEncryptionKey(undefined, at)).getKeyID())
})
