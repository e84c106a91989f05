/** Lines of the log and alarms for keys near their end: cron sweeps, time goes on. */

import { beforeEach, expect, test } from 'vitest'
import { sweepAll } from '../../src/app/sweep-shards.ts'
import { type ControlPlane, controlPlane, START } from '../support/control-plane.ts'
import { useD1 } from '../support/d1.ts'
import { identityRow, keyRecord } from '../support/e2ee-rows.ts'

const DAY = 86_400_000
const database = useD1()
let plane: ControlPlane

beforeEach(() => {
  plane = controlPlane(database.db)
  plane.shards.set(0, { waiting: [], unknown: [], storage: { bytes: 1, limit: 100 } })
})

async function told(at: number): Promise<unknown[]> {
  plane.lines.length = 0
  plane.clock.at = START + at
  await sweepAll(plane.deps)
  return plane.lines.map(({ type, what, id, days }) => [type, what, id, days])
}

test('a key and an identity are told of once 30 and once 7 days before their end', async () => {
  const end = START + 40 * DAY
  const key = keyRecord({ ref: 'pub_1', trust: 'pinned', not_after: end })
  await plane.deps.e2eeKeys.put(key, null)
  await plane.deps.identities.put(identityRow({ not_after: end }))
  const line = (what: string, id: string, days: number) => ['e2ee.key_expiring', what, id, days]
  expect(await told(10 * DAY - 1)).toEqual([])
  expect(await told(10 * DAY)).toEqual([line('key', 'pub_1', 30), line('identity', 'ada', 30)])
  expect(plane.lines[0]).toEqual({
    type: 'e2ee.key_expiring',
    what: 'key',
    id: 'pub_1',
    protocol: 'smime',
    fingerprint: key.fingerprint,
    not_after: new Date(end).toISOString(),
    days: 30,
  })
  expect(await told(20 * DAY)).toEqual([])
  expect(await told(33 * DAY)).toEqual([line('key', 'pub_1', 7), line('identity', 'ada', 7)])
  expect(await told(39 * DAY)).toEqual([])
  expect(await told(41 * DAY)).toEqual([])
})

test('a renewed one is told of anew; one that comes late, of the nearer end alone', async () => {
  const key = keyRecord({ ref: 'pub_1', not_after: START + 5 * DAY })
  await plane.deps.e2eeKeys.put(key, null)
  expect(await told(0)).toMatchObject([['e2ee.key_expiring', 'key', 'pub_1', 7]])
  const renewed = { ...key, not_after: START + 60 * DAY, version: 2 }
  await plane.deps.e2eeKeys.put(renewed, 1)
  expect(await told(DAY)).toEqual([])
  expect(await told(31 * DAY)).toMatchObject([['e2ee.key_expiring', 'key', 'pub_1', 30]])
})

test('nothing is told of what is not used, does not end, or has ended', async () => {
  const soon = START + DAY
  for (const part of [
    { trust: 'rejected', not_after: soon },
    { trust: 'discovered', not_after: soon },
    { not_after: null },
    { not_after: START - DAY },
  ] as const)
    await plane.deps.e2eeKeys.put(keyRecord(part), null)
  expect(await told(0)).toEqual([])
})

test('two sweeps at once tell it once', async () => {
  await plane.deps.e2eeKeys.put(keyRecord({ not_after: START + DAY }), null)
  await Promise.all([sweepAll(plane.deps), sweepAll(plane.deps)])
  expect(plane.lines).toHaveLength(1)
})

test('an identity is an alarm from 14 days before its end on, and after it', async () => {
  const end = START + 14 * DAY
  await plane.deps.identities.put(identityRow({ id: 'desk', not_after: end + 1 }))
  expect((await plane.call('GET', '/v1/status')).status).toBe(200)
  await plane.deps.identities.put(identityRow({ id: 'desk', not_after: end }))
  const { status, body } = await plane.call('GET', '/v1/status')
  expect([status, body.alarms]).toEqual([
    503,
    [
      {
        code: 'e2ee.key_expiring',
        relay: null,
        since: new Date(START).toISOString(),
        waiting: 0,
        oldest_at: null,
        what: expect.stringContaining(`Identity desk ends ${new Date(end).toISOString()}.`),
        do: expect.stringContaining('PUT /v1/e2ee/identities/desk'),
      },
    ],
  ])
  plane.clock.at = end + DAY
  const codes = (await plane.call('GET', '/v1/status')).body.alarms
  expect(codes.map(({ what }: { what: string }) => what)).toContainEqual(
    expect.stringContaining('desk ended'),
  )
})
