/** What waits behind a relay that can't have it now goes to the next that may; in the end of its round it begins anew. */

import { afterEach, expect, test, vi } from 'vitest'
import type { Failure } from '../../src/domain/failure.ts'
import type { LeaseAnswer } from '../../src/ports/relay-gate.ts'
import { type LineWorld, lineWorld, type PlayedShard, refusal, SECOND } from './line-world.ts'

afterEach(() => void vi.useRealTimers())

const MINUTE = 60 * SECOND
const REFUSED: Failure = { step: 'connect', cause: 'connect_failed' }
const BOTH = { relays: ['first', 'second'] }

function told(shard: PlayedShard, id: string): string[] {
  const { events = [], attempts = [] } = shard.ledger.read(id)?.document ?? {}
  const passed = events.filter(({ type }) => type === 'relay.fallback')
  return [
    ...passed.map(({ data }) => `${data.relay} > ${data.next_relay} ${data.code}`),
    ...attempts.map(({ relay, decision }) => `${relay} ${decision}`),
  ]
}

function suspended(reason: 'relay.auth' | 'relay.quota', onward?: 'any' | 'other_account') {
  const retry_at = Date.now() + 60 * MINUTE
  return (): LeaseAnswer => ({ ok: false, reason, retry_at, ...(onward && { onward }) })
}

function pair(world: LineWorld, part: Parameters<LineWorld['relay']>[1] = {}) {
  return { first: world.relay('first', part), second: world.relay('second') }
}

test('mail that comes while a relay is known to be down takes the next one, and nobody dials in vain', async () => {
  const world = lineWorld()
  const { first, second } = pair(world)
  first.climb = () => REFUSED
  const shard = world.shard()
  const [met] = shard.mail('first', 1, BOTH)
  await world.pass(SECOND, shard)
  const [came] = shard.mail('first', 1, BOTH)
  await world.pass(SECOND, shard)
  expect([first.climbs, second.carried.length]).toEqual([1, 2])
  expect(told(shard, met ?? '')).toEqual(['first next_relay', 'second relayed'])
  expect(told(shard, came ?? '')).toEqual(['first > second relay.unreachable', 'second relayed'])
})

test('a refusal of the account sends all that waits to the next relay', async () => {
  const world = lineWorld()
  const { first, second } = pair(world, { max_sessions: 1 })
  first.reply = () => refusal('mail', 550, '5.4.5')
  const shard = world.shard()
  const ids = shard.mail('first', 20, BOTH)
  await world.pass(5 * SECOND, shard)
  expect(second.carried).toHaveLength(20)
  expect(new Set(ids.map((id) => shard.status(id)))).toEqual(new Set(['relayed']))
})

test.each([
  [true, ['first', 'first', 'second', 'second']],
  [false, ['first', 'first']],
])('beyond max_per_day; spill_over: %s', async (spill_over, carriers) => {
  const world = lineWorld()
  const { first, second } = pair(world, { max_per_day: 2, spill_over })
  const shard = world.shard()
  shard.mail('first', 4, BOTH)
  await world.pass(10 * SECOND, shard)
  expect([...first.carried.map(() => 'first'), ...second.carried.map(() => 'second')]).toEqual(
    carriers,
  )
})

test('a relay that wants a rest lets what waits go on where it spills over', async () => {
  const world = lineWorld()
  const { first, second } = pair(world, { max_sessions: 1, spill_over: true })
  first.reply = () => refusal('mail', 421)
  const shard = world.shard()
  shard.mail('first', 20, BOTH)
  await world.pass(SECOND / 2, shard)
  expect([first.climbs, second.carried.length]).toEqual([1, 20])
})

test.each([
  ['another user', { auth_user: 'bob' }, 1],
  ['no login', { auth_user: null }, 1],
  ['the same login', { auth_user: 'ada' }, 0],
])('a suspended login: the next relay has %s', async (_what, part, carried) => {
  const world = lineWorld()
  const first = world.relay('first', { host: 'second', auth_user: 'ada' })
  const second = world.relay('second', part)
  first.ask = suspended('relay.auth', 'other_account')
  const shard = world.shard()
  shard.mail('first', 1, BOTH)
  await world.pass(SECOND, shard)
  expect(second.carried).toHaveLength(carried)
})

test('of three relays the one that logs in alike is left out', async () => {
  const world = lineWorld()
  const first = world.relay('first', { host: 'same', auth_user: 'ada' })
  const second = world.relay('second', { host: 'same', auth_user: 'ada' })
  const third = world.relay('third', { auth_user: 'ada' })
  first.ask = suspended('relay.auth', 'other_account')
  const shard = world.shard()
  shard.mail('first', 1, { relays: ['first', 'second', 'third'] })
  await world.pass(SECOND, shard)
  expect([second.climbs, third.carried.length]).toEqual([0, 1])
})

test('what no relay can have waits for the first, is told once, and is looked at within minutes', async () => {
  const world = lineWorld()
  const { first, second } = pair(world)
  first.ask = suspended('relay.quota', 'any')
  second.ask = suspended('relay.quota', 'any')
  const shard = world.shard()
  const [id = ''] = shard.mail('first', 1, BOTH)
  await world.pass(SECOND, shard)
  expect(shard.ledger.status(1).waiting).toMatchObject([{ relay: 'first', recipients: 1 }])
  await world.pass(20 * MINUTE, shard)
  expect(told(shard, id)).toEqual(['first > second relay.quota'])
  const deferred = shard.ledger
    .read(id)
    ?.document.events.filter(({ type }) => type === 'recipient.deferred')
  expect(deferred).toHaveLength(1)
  second.ask = () => undefined
  second.change({})
  shard.pump.reset('second')
  await world.pass(5 * MINUTE, shard)
  expect(second.carried).toHaveLength(1)
})

test('what is unknown stays with its relay', async () => {
  const world = lineWorld({ HOLD_AFTER: '1m' })
  const { first, second } = pair(world)
  first.reply = () => ({ step: 'data_end', cause: 'closed' })
  const shard = world.shard()
  const [id = ''] = shard.mail('first', 1, BOTH)
  await world.pass(SECOND, shard)
  expect(shard.ledger.read(id)?.document.recipients[0]?.state).toBe('unknown')
  first.ask = suspended('relay.quota', 'any')
  await world.pass(10 * MINUTE, shard)
  expect([shard.ledger.read(id)?.document.recipients[0]?.state, second.climbs]).toEqual([
    'unknown',
    0,
  ])
})

test('a relay that an operator paused keeps its mail', async () => {
  const world = lineWorld()
  const { second } = pair(world, { paused: true })
  const shard = world.shard()
  shard.mail('first', 1, BOTH)
  await world.pass(MINUTE, shard)
  expect(second.climbs).toBe(0)
})
