import { afterEach, describe, expect, test, vi } from 'vitest'
import { lineWorld, refusal, SECOND, START } from './line-world.ts'

afterEach(() => void vi.useRealTimers())

const MINUTE = 60 * SECOND

describe('sessions', () => {
  test('never more than the relay allows, one climb at a time, and all of them are used', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 3 })
    const shard = world.shard()
    shard.mail('primary', 100)
    await world.pass(5 * SECOND, shard)
    expect([relay.mostOpen, relay.climbs, relay.carried.length]).toEqual([3, 3, 100])
  })

  test('a session ends after a thousand messages', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 1 })
    relay.takesMs = 1
    const shard = world.shard()
    shard.mail('primary', 1001)
    await world.pass(5 * SECOND, shard)
    expect([relay.carried.length, relay.climbs, relay.mostOpen]).toEqual([1001, 2, 1])
  })

  test('a changed configuration closes warm sessions', async () => {
    const world = lineWorld({ SESSION_IDLE: '10m' })
    const relay = world.relay('primary', { max_sessions: 1 })
    const shard = world.shard()
    shard.mail('primary')
    await world.pass(SECOND, shard)
    relay.change({ ehlo_name: 'other.example.com' })
    shard.pump.reset('primary')
    shard.mail('primary')
    await world.pass(SECOND, shard)
    expect([relay.carried.length, relay.climbs, relay.open]).toEqual([2, 2, 1])
  })

  test('a session that its relay closed while idle is replaced, and the mail counts no attempt for it', async () => {
    const world = lineWorld({ SESSION_IDLE: '10m' })
    const relay = world.relay('primary', { max_sessions: 1 })
    const shard = world.shard()
    shard.mail('primary')
    await world.pass(SECOND, shard)
    let closed = false
    relay.reply = () => {
      if (closed) return undefined
      closed = true
      return { step: 'mail', cause: 'closed', reused_first: true }
    }
    const [id = ''] = shard.mail('primary')
    await world.pass(SECOND, shard)
    expect([shard.status(id), relay.climbs]).toEqual(['relayed', 2])
    expect(shard.attempts.at(-1)?.sessions.map(({ outcome }) => outcome)).toEqual([
      'idle_close',
      'relayed',
    ])
  })

  test('high priority goes first, and keeps a session once such mail came', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 2 })
    relay.takesMs = 100
    const shard = world.shard()
    shard.mail('primary', 20, { to: ['low@example.net'], priority: 'low' })
    shard.mail('primary', 1, { to: ['high@example.net'], priority: 'high' })
    await world.pass(500, shard)
    shard.mail('primary', 1, { to: ['later@example.net'], priority: 'high' })
    await world.pass(101, shard)
    const order = relay.carried.map(({ address }) => address)
    expect(order[0]).toBe('high@example.net')
    expect(order.at(-1)).toBe('later@example.net')
  })

  test('keeps one for high priority also where the relay has fewer for now', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 4 })
    relay.takesMs = SECOND
    const shard = world.shard()
    shard.mail('primary', 1, { to: ['high@example.net'], priority: 'high' })
    await world.pass(SECOND / 2, shard)
    shard.mail('primary', 20, { to: ['low@example.net'], priority: 'low' })
    await world.pass(SECOND, shard)
    shard.mail('primary', 1, { to: ['later@example.net'], priority: 'high' })
    await world.pass(1.1 * SECOND, shard)
    const order = relay.carried.map(({ address, at }) => [address, at - START])
    expect(order.find(([address]) => address === 'later@example.net')).toEqual([
      'later@example.net',
      2500,
    ])
  })
})

describe('leases', () => {
  test('are renewed while mail goes on, and a session outlives its lease by no message', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 1 })
    relay.takesMs = SECOND
    const shard = world.shard()
    shard.mail('primary', 40)
    await world.pass(20 * SECOND, shard)
    expect([relay.climbs, relay.carried.length]).toEqual([1, 20])
    relay.ask = () => ({ ok: false, reason: 'relay.paused', retry_at: null })
    await world.pass(40 * SECOND, shard)
    expect(relay.open).toBe(0)
    expect(relay.carried.length).toBe(30)
  })

  test('a gate that breaks at a renewal ends the session, and the log says why', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 1 })
    relay.takesMs = SECOND
    const shard = world.shard()
    shard.mail('primary', 40)
    await world.pass(20 * SECOND, shard)
    relay.ask = () => {
      relay.ask = () => undefined
      throw new TypeError('no such column: leases')
    }
    await world.pass(10.5 * SECOND, shard)
    expect(relay.climbs).toBe(2)
    const error = { name: 'TypeError', message: 'no such column: leases' }
    expect(shard.lines).toMatchObject([{ type: 'pump.error', relay: 'primary', error }])
  })

  test('what is held beyond the share goes back when another shard waits', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 4 })
    relay.takesMs = 100
    const [one, two] = [world.shard('one'), world.shard('two')]
    one.mail('primary', 2000)
    await world.pass(2 * SECOND, one)
    expect(relay.open).toBe(4)
    two.mail('primary', 2000)
    await world.pass(45 * SECOND, one, two)
    expect(relay.mostOpen).toBe(4)
    const share = (name: string) =>
      relay.carried.filter(({ shard, at }) => shard === name && at > START + 37 * SECOND).length
    expect(share('two') / share('one')).toBeGreaterThan(0.8)
    expect(share('two') / share('one')).toBeLessThan(1.25)
  })

  test('three shards take turns at one session, and no two of them have one at once', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 1 })
    relay.takesMs = 200
    const shards = ['one', 'two', 'three'].map((name) => world.shard(name))
    for (const shard of shards) shard.mail('primary', 1000)
    await world.pass(150 * SECOND, ...shards)
    expect(relay.mostOpen).toBe(1)
    const carried = (name: string) => relay.carried.filter(({ shard }) => shard === name).length
    for (const { name } of shards) expect(carried(name)).toBeGreaterThan(150)
  })

  test('a relay that is busy with other shards is asked again, and the mail is not told', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 1 })
    relay.ask = () => ({ ok: false, reason: 'relay.busy', retry_at: Date.now() + 3 * SECOND })
    const shard = world.shard()
    const [id = ''] = shard.mail('primary')
    await world.pass(2 * SECOND, shard)
    expect(shard.status(id)).toBe('queued')
    relay.ask = () => undefined
    await world.pass(5 * SECOND, shard)
    expect(shard.status(id)).toBe('relayed')
  })

  test('a paused relay defers its mail, and the change wakes it', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { paused: true })
    const shard = world.shard()
    const [id = ''] = shard.mail('primary')
    await world.pass(SECOND, shard)
    expect([shard.status(id), relay.climbs]).toEqual(['deferred', 0])
    relay.change({ paused: false })
    shard.pump.reset('primary')
    shard.ledger.wake('primary', Date.now())
    shard.pump.wake()
    await world.pass(SECOND, shard)
    expect(shard.status(id)).toBe('relayed')
  })
})

describe('a relay that cannot be reached', () => {
  test('is climbed once, however much mail is due, and every copy is told', async () => {
    const world = lineWorld()
    const relay = world.relay('primary')
    relay.climb = () => ({ step: 'connect', cause: 'connect_failed' })
    const shard = world.shard()
    const ids = shard.mail('primary', 250)
    await world.pass(SECOND, shard)
    expect([relay.climbs, shard.attempts.length]).toEqual([1, 250])
    expect(new Set(ids.map((id) => shard.status(id)))).toEqual(new Set(['deferred']))
    shard.mail('primary')
    await world.pass(SECOND, shard)
    expect(relay.climbs).toBe(1)
    await world.pass(30 * SECOND, shard)
    shard.mail('primary')
    await world.pass(SECOND, shard)
    expect(relay.climbs).toBe(2)
  })

  test('recovers from one session upwards, mail of high priority first', async () => {
    const world = lineWorld({ RETRY_SCHEDULE: '10m' })
    const relay = world.relay('primary')
    relay.climb = () => ({ step: 'connect', cause: 'connect_failed' })
    relay.takesMs = 100
    const shard = world.shard()
    shard.mail('primary', 10, { to: ['low@example.net'], priority: 'low' })
    shard.mail('primary', 10, { to: ['high@example.net'], priority: 'high' })
    await world.pass(SECOND, shard)
    const opened: number[] = []
    relay.climb = () => void opened.push(relay.open)
    await world.pass(MINUTE, shard)
    shard.mail('primary', 1, { to: ['new@example.net'] })
    await world.pass(10 * SECOND, shard)
    expect(opened).toEqual([0, 1, 2, 3])
    const order = relay.carried.map(({ address }) => address)
    expect(order).toHaveLength(21)
    expect(order.lastIndexOf('high@example.net')).toBeLessThan(order.indexOf('low@example.net') + 4)
  })

  test('what waits on another shard is due when its sweep comes, and once for each recovery', async () => {
    const world = lineWorld({ RETRY_SCHEDULE: '4h' })
    const relay = world.relay('primary', { routes: [{ port: 587, tls: 'starttls' }] })
    relay.climb = () => ({ step: 'connect', cause: 'connect_failed' })
    const [one, other] = [world.shard('one'), world.shard('other')]
    one.mail('primary')
    other.mail('primary', 10)
    await world.pass(MINUTE, one, other)
    await other.pump.lookForRecovered()
    relay.climb = () => undefined
    one.mail('primary')
    await world.pass(MINUTE, one, other)
    expect(relay.carried.map(({ shard }) => shard)).toEqual(['one', 'one'])
    await other.pump.lookForRecovered()
    await world.pass(SECOND, one, other)
    expect(relay.carried).toHaveLength(12)

    relay.climb = () => ({ step: 'connect', cause: 'connect_failed' })
    await world.pass(MINUTE, one, other)
    const before = relay.climbs
    other.mail('primary')
    await world.pass(MINUTE, one, other)
    await other.pump.lookForRecovered()
    await world.pass(MINUTE, one, other)
    expect(relay.climbs).toBe(before + 1)
  })

  test('a refusal of the account pauses the relay for all shards', async () => {
    const world = lineWorld()
    const relay = world.relay('primary')
    relay.reply = () => refusal('mail', 550, '5.4.5')
    const [one, two] = [world.shard('one'), world.shard('two')]
    const [first = ''] = one.mail('primary')
    await world.pass(SECOND, one)
    const [second = ''] = two.mail('primary')
    await world.pass(SECOND, one, two)
    expect([one.status(first), two.status(second)]).toEqual(['deferred', 'deferred'])
    expect(relay.climbs).toBe(1)
    expect(relay.gate.health().alarms.map(({ code }) => code)).toEqual(['relay.quota'])
  })
})

describe('limits of the relay', () => {
  test('max_per_second is kept, over shards as well, and nearly used', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_per_second: 5 })
    const [one, two] = [world.shard('one'), world.shard('two')]
    one.mail('primary', 600)
    await world.pass(10 * SECOND, one)
    expect(relay.carried.length).toBeGreaterThanOrEqual(49)
    two.mail('primary', 600)
    await world.pass(60 * SECOND, one, two)
    const inSecond = (from: number) =>
      relay.carried.filter(({ at }) => at > from && at <= from + SECOND).length
    for (let at = START; at < START + 70 * SECOND; at += 100) {
      expect(inSecond(at)).toBeLessThanOrEqual(6)
    }
    expect(relay.carried.length).toBeGreaterThan(300)
    expect(relay.carried.some(({ shard }) => shard === 'two')).toBe(true)
    expect(relay.mostOpen).toBe(2)
  })

  test('max_per_day ends the day, and the rest goes out when the next begins', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_per_day: 30 })
    const refused = new Set(['refused@example.net'])
    relay.reply = ({ recipients }) =>
      refused.has(recipients[0] ?? '') ? refusal('rcpt', 550, '5.1.1') : undefined
    const shard = world.shard()
    shard.mail('primary', 10, { to: ['refused@example.net'] })
    const ids = shard.mail('primary', 40)
    await world.pass(MINUTE, shard)
    expect(relay.carried.length).toBe(30)
    expect(ids.filter((id) => shard.status(id) === 'deferred')).toHaveLength(10)
    expect(shard.lines).toContainEqual(expect.objectContaining({ type: 'relay.alarm' }))
    await world.pass(15 * 60 * MINUTE - 2 * MINUTE, shard)
    expect(relay.carried.length).toBe(30)
    await world.pass(2 * MINUTE, shard)
    expect(relay.carried.length).toBe(40)
    expect(shard.lines).toContainEqual(expect.objectContaining({ type: 'relay.recovered' }))
  })
})
