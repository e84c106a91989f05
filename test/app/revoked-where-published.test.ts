/** What an owner's own directory says later can't take back a revocation that it said before. */

import { revokeKey } from 'openpgp'
import { expect, test } from 'vitest'
import { planProtection } from '../../src/app/plan-protection.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import { type Identity, makeIdentity } from '../support/pgp-identity.ts'
import { DAY, NOW, toyWorld } from '../support/toy-protection.ts'

const CY = 'cy@found.example'

test('a key that was only ever found, revoked there, and then served as it was before', async () => {
  const world = toyWorld({ protocols: ['pgp-mime'] })
  const provider = pgpProvider()
  const { registry: _, ...rest } = world.work
  const load = async () => ({ provider, localKeys: null })
  const work = { ...rest, registry: { protocols: ['pgp-mime'], load } }
  let day = 0
  const publish = (key: Identity['key']) => {
    const found = [key.toPublic().write()]
    world.published[CY] = { found, contact_at: NOW + ++day * DAY, problem: null }
  }
  const planned = async () => {
    const plan = await planProtection(work, {
      from: 'ada@example.com',
      recipients: [{ address: CY, kind: 'to', keys: [] }],
      request: { encrypt: 'require' },
      already: false,
      at: NOW + day * DAY,
      sandbox: false,
    })
    return plan.recipients.map(({ decision, code }) => [decision, code])
  }

  const date = new Date(NOW - DAY)
  const { key } = await makeIdentity(CY, undefined, { date })
  const { privateKey: revoked } = await revokeKey({ key, date, format: 'object' })
  publish(key)
  expect(await planned()).toEqual([['protect', null]])
  expect(world.keys).toMatchObject([{ source: 'wkd', trust: 'discovered' }])
  publish(revoked)
  expect(await planned()).toEqual([['reject', 'key.revoked']])
  publish(key)
  expect(await planned()).toEqual([['reject', 'key.revoked']])
  publish(key)
  expect(await planned()).toEqual([['reject', 'key.revoked']])
  expect(world.keys).toHaveLength(1)
})
