import { afterEach, expect, test, vi } from 'vitest'
import { lineWorld, refusal, SECOND } from './line-world.ts'

afterEach(() => void vi.useRealTimers())

const MINUTE = 60 * SECOND

function one(part: { max_sessions?: number; max_per_second?: number } = {}) {
  const world = lineWorld({ SESSION_IDLE: '30m' })
  const relay = world.relay('primary', { max_sessions: 1, ...part })
  relay.rides = true
  return { world, relay, shard: world.shard() }
}

test('one rides behind the one under way where no further session is to be had', async () => {
  const { world, relay, shard } = one()
  shard.mail('primary', 50)
  await world.pass(5 * SECOND, shard)
  expect([relay.carried.length, relay.climbs, relay.mostUnderWay]).toEqual([50, 1, 2])
  expect(shard.attempts.map(({ decision }) => decision)).toEqual(Array(50).fill('relayed'))
})

test('an idle session is used before anything rides', async () => {
  const { world, relay, shard } = one({ max_sessions: 4 })
  relay.takesMs = 100
  shard.mail('primary', 40)
  await world.pass(5 * SECOND, shard)
  relay.mostUnderWay = 0
  shard.mail('primary', 4)
  await world.pass(SECOND, shard)
  expect([relay.carried.length, relay.mostUnderWay]).toEqual([44, 1])
})

test('nothing rides faster than the relay may be given mail', async () => {
  const { world, relay, shard } = one({ max_sessions: 2, max_per_second: 2 })
  relay.takesMs = 2 * SECOND
  shard.mail('primary', 30)
  await world.pass(60 * SECOND, shard)
  const warm = shard.attempts.filter(({ sessions }) => sessions[0]?.warm)
  const began = warm.map(({ started_at }) => Date.parse(started_at)).sort()
  const apart = began.slice(1).map((at, i) => at - (began[i] ?? 0))
  expect(began.length).toBe(28)
  expect(Math.min(...apart)).toBeGreaterThan(400)
})

test('a session ends after a thousand messages, though mail rides on it', async () => {
  const { world, relay, shard } = one()
  relay.takesMs = 1
  shard.mail('primary', 1010)
  await world.pass(5 * SECOND, shard)
  expect([relay.carried.length, relay.climbs, relay.mostOpen]).toEqual([1010, 2, 1])
})

test('what rode on a session that ended goes out at once, with no attempt and no word of it', async () => {
  const { world, relay, shard } = one()
  let refused = false
  relay.reply = () => {
    if (refused) return undefined
    refused = true
    return refusal('mail', 421)
  }
  const [first = '', second = ''] = shard.mail('primary', 2)
  await world.pass(3 * MINUTE, shard)
  expect([shard.status(first), shard.status(second)]).toEqual(['relayed', 'relayed'])
  const told = shard.attempts.map(({ message, attempt, sessions }) => [
    message === first ? 'first' : 'second',
    attempt,
    sessions.length,
  ])
  expect(told).toEqual([
    ['first', 1, 1],
    ['second', 1, 1],
    ['first', 2, 1],
  ])
})

test('a message that is unknown with another one behind it stops the riding for ten minutes', async () => {
  const { world, relay, shard } = one()
  let said = 0
  relay.reply = () => (++said === 15 ? { step: 'data_end', cause: 'closed' } : undefined)
  shard.mail('primary', 20)
  await world.pass(MINUTE, shard)
  expect([relay.carried.length, relay.mostUnderWay]).toEqual([19, 2])
  relay.mostUnderWay = 0
  shard.mail('primary', 20)
  await world.pass(MINUTE, shard)
  expect([relay.carried.length, relay.mostUnderWay]).toEqual([39, 1])
  await world.pass(10 * MINUTE, shard)
  shard.mail('primary', 20)
  await world.pass(MINUTE, shard)
  expect(relay.mostUnderWay).toBe(2)
})

test('a relay that ends its sessions after a number of messages goes on to get two at once', async () => {
  const { world, relay, shard } = one()
  let said = 0
  relay.reply = () => (++said % 50 === 0 ? refusal('mail', 421) : undefined)
  shard.mail('primary', 60)
  await world.pass(MINUTE, shard)
  relay.mostUnderWay = 0
  shard.mail('primary', 20)
  await world.pass(MINUTE, shard)
  expect([relay.carried.length, relay.mostUnderWay]).toEqual([80, 2])
})

test('a change of the relay lets what rides go on and loads nothing more', async () => {
  const { world, relay, shard } = one()
  relay.takesMs = SECOND
  shard.mail('primary', 4)
  await world.pass(500, shard)
  relay.change({ ehlo_name: 'other.example.com' })
  shard.pump.reset('primary')
  await world.pass(10 * SECOND, shard)
  expect([relay.carried.length, relay.climbs, relay.mostOpen]).toEqual([4, 2, 1])
})
