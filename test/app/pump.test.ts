import { afterEach, expect, test, vi } from 'vitest'
import { lineWorld, SECOND, START } from './line-world.ts'

afterEach(() => void vi.useRealTimers())

const MINUTE = 60 * SECOND

test('mail wakes its relay, goes out over one session, and the idle session closes', async () => {
  const world = lineWorld({ SESSION_IDLE: '10s' })
  const relay = world.relay('primary')
  const shard = world.shard()
  const [id = ''] = shard.mail('primary')
  await world.pass(SECOND, shard)
  expect([shard.status(id), relay.climbs, relay.open]).toEqual(['relayed', 1, 1])
  await world.pass(10 * SECOND, shard)
  expect([relay.open, relay.gate.health().health.sessions]).toEqual([0, 0])
})

test('with nothing due the alarm is off, while sessions are busy it looks again after half a minute', async () => {
  const world = lineWorld()
  const relay = world.relay('primary')
  const shard = world.shard()
  shard.pump.wake()
  expect(shard.armedAt).toBeNull()
  relay.takesMs = MINUTE
  shard.mail('primary')
  await world.pass(0)
  shard.pump.arm()
  expect(shard.armedAt).toBe(START + 30 * SECOND)
  await world.pass(2 * MINUTE)
  shard.pump.arm()
  expect(shard.armedAt).toBeNull()
})

test('scheduled mail arms the alarm for its time and goes out when that comes', async () => {
  const world = lineWorld()
  const relay = world.relay('primary')
  const shard = world.shard()
  const at = START + 5 * MINUTE
  shard.mail('primary', 1, { send_at: at })
  expect(shard.armedAt).toBe(at)
  await world.pass(5 * MINUTE - 1, shard)
  expect(relay.climbs).toBe(0)
  await world.pass(SECOND, shard)
  expect(relay.carried.map((one) => one.at)).toEqual([at + relay.takesMs])
})

test('an object that begins a new life carries on with what is due', async () => {
  const world = lineWorld()
  const relay = world.relay('primary')
  const shard = world.shard()
  relay.ask = () => {
    throw new TypeError('the gate is away: "Subject: hi"')
  }
  const [id = ''] = shard.mail('primary')
  await world.pass(SECOND)
  expect([shard.status(id), relay.climbs]).toEqual(['queued', 0])
  const error = { name: 'TypeError', message: 'the gate is away: …' }
  expect(shard.lines).toMatchObject([{ type: 'pump.error', relay: 'primary', error }])
  relay.ask = () => undefined
  await world.pass(MINUTE, shard)
  expect(shard.status(id)).toBe('relayed')
})

test('an operator who asks for it ends the wait of a relay that could not be reached', async () => {
  const world = lineWorld()
  const relay = world.relay('primary')
  const other = world.relay('other')
  relay.climb = () => ({ step: 'connect', cause: 'connect_failed' })
  other.climb = relay.climb
  const shard = world.shard()
  shard.mail('primary')
  shard.mail('other')
  await world.pass(SECOND)
  expect([relay.climbs, other.climbs]).toEqual([1, 1])
  shard.pump.reset('primary')
  shard.ledger.wake(null, Date.now())
  shard.pump.wake()
  await world.pass(SECOND)
  expect([relay.climbs, other.climbs]).toEqual([2, 1])
  shard.pump.reset(null)
  shard.ledger.wake(null, Date.now())
  shard.pump.wake()
  await world.pass(SECOND)
  expect([relay.climbs, other.climbs]).toEqual([3, 2])
})

test('eight relays share five sockets: idle sessions and those that had their turn make room', async () => {
  const world = lineWorld({ SESSION_IDLE: '10m' })
  const shard = world.shard()
  const relays = Array.from({ length: 8 }, (_, n) => world.relay(`relay-${n}`))
  for (const { id } of relays) shard.mail(id, 60)
  let most = 0
  for (let n = 0; n < 200; n++) {
    await world.pass(100, shard)
    most = Math.max(
      most,
      relays.reduce((sum, { open }) => sum + open, 0),
    )
  }
  expect(relays.map(({ carried }) => carried.length)).toEqual(Array(8).fill(60))
  expect(most).toBe(5)
})

test('more relays with endless mail than sockets: each has its turn again and again', async () => {
  const world = lineWorld()
  const shard = world.shard()
  const relays = Array.from({ length: 9 }, (_, n) => world.relay(`relay-${n}`))
  for (const { id } of relays) shard.mail(id, 400)
  const ROUND = 6 * SECOND
  for (let round = 1; round <= 5; round++) {
    await world.pass(ROUND, shard)
    const since = START + (round - 1) * ROUND
    for (const { id, carried } of relays) {
      const some = carried.some(({ at }) => at > since)
      if (!some && carried.length < 400) throw new Error(`${id} got nothing in round ${round}`)
    }
  }
  const shares = relays.map(({ carried }) => carried.length)
  expect(Math.min(...shares)).toBeGreaterThan(0.5 * Math.max(...shares))
})

test('who waits longest for a socket gets the next, whatever woke the others', async () => {
  const world = lineWorld({ SESSION_IDLE: '10m' })
  const shard = world.shard()
  const busy = Array.from({ length: 5 }, (_, n) => world.relay(`busy-${n}`, { max_sessions: 1 }))
  for (const relay of busy) {
    relay.takesMs = 10 * SECOND
    shard.mail(relay.id)
  }
  await world.pass(SECOND)
  const order: string[] = []
  for (const id of ['late-z', 'late-m', 'late-a']) {
    world.relay(id).climb = () => void order.push(id)
    shard.mail(id)
    await world.pass(SECOND)
  }
  shard.mail('late-a')
  await world.pass(20 * SECOND, shard)
  expect(order).toEqual(['late-z', 'late-m', 'late-a'])
})

test('idle sessions make room for those that wait, and no more of them close than are needed', async () => {
  const world = lineWorld({ SESSION_IDLE: '10m' })
  const shard = world.shard()
  const idle = Array.from({ length: 5 }, (_, n) => world.relay(`idle-${n}`))
  for (const { id } of idle) shard.mail(id)
  await world.pass(SECOND)
  expect(idle.map(({ open }) => open)).toEqual([1, 1, 1, 1, 1])
  const late = world.relay('late')
  shard.mail('late', 3)
  shard.pump.wake()
  shard.pump.wake()
  await world.pass(100)
  expect(late.carried.length).toBe(3)
  expect(idle.reduce((sum, { open }) => sum + open, 0)).toBe(4)
})
