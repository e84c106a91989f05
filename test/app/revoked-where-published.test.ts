/** What an owner's own directory says later can't take back a revocation that it said before. */

import { revokeKey } from 'openpgp'
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
