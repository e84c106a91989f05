/** How much at once a line gives to a relay. */

import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Failure } from '../../src/domain/failure.ts'
import { lineWorld, refusal, SECOND, START } from './line-world.ts'

afterEach(() => void vi.useRealTimers())

const MINUTE = 60 * SECOND

describe('a relay gets what it can do', () => {
  test('keeps a session and its other mail goes on where one recipient is greylisted', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 4 })
    relay.takesMs = 100
    const shard = world.shard()
    shard.mail('primary', 60)
    await world.pass(500, shard)
    expect(relay.open).toBe(4)
    relay.reply = ({ recipients }) =>
      recipients[0] === 'grey@example.net' ? refusal('rcpt', 450, '4.7.1') : undefined
    const grey = shard.mail('primary', 1, { to: ['grey@example.net'], priority: 'high' })
    const before = relay.carried.length
    await world.pass(300, shard)
    expect(relay.carried.length).toBeGreaterThan(before)
    await world.pass(5 * SECOND, shard)
    expect([relay.carried.length, shard.status(grey[0] ?? '')]).toEqual([60, 'deferred'])
  })

  test('421 makes it pause, longer each time, and a success sets it free again', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 1 })
    const shard = world.shard()
    const tries: number[] = []
    relay.reply = () => {
      tries.push(Date.now() - START)
      return tries.length <= 4 ? refusal('mail', 421) : undefined
    }
    shard.mail('primary', 50)
    await world.pass(MINUTE, shard)
    const pauses = tries.slice(1, 5).map((at, n) => Math.round((at - (tries[n] ?? 0)) / SECOND))
    expect(pauses).toEqual([1, 2, 4, 8])
    await world.pass(MINUTE, shard)
    expect(relay.carried.length).toBe(50)
  })

  test('has one session until it took a mail, and one again once it fell silent', async () => {
    const world = lineWorld({ RETRY_SCHEDULE: '1m' })
    const relay = world.relay('primary', { max_sessions: 3 })
    const shard = world.shard()
    const silence = (): Failure => ({ step: 'mail', cause: 'timeout' })
    relay.reply = silence
    shard.mail('primary', 20)
    await world.pass(SECOND, shard)
    expect(relay.mostOpen).toBe(1)
    relay.reply = () => undefined
    // Longer than what jitter makes of their next tries.
    relay.takesMs = 10 * SECOND
    await world.pass(5 * MINUTE, shard)
    expect([relay.mostOpen, relay.carried.length]).toEqual([3, 20])

    shard.mail('primary', 20)
    relay.takesMs = 0
    relay.reply = silence
    await world.pass(SECOND, shard)
    relay.mostOpen = relay.open
    await world.pass(5 * MINUTE, shard)
    expect([relay.mostOpen, relay.carried.length]).toEqual([1, 20])
    relay.reply = () => undefined
    relay.takesMs = 10 * SECOND
    await world.pass(10 * MINUTE, shard)
    expect([relay.mostOpen, relay.carried.length]).toEqual([3, 40])
  })

  test('has more sessions also where it refuses every mail for good', async () => {
    const world = lineWorld()
    const relay = world.relay('primary')
    relay.takesMs = SECOND
    const reply = { code: 550, enhanced: '5.1.1', text: 'no such user' }
    relay.reply = () => ({ step: 'rcpt', cause: 'reply', reply })
    const shard = world.shard()
    shard.mail('primary', 20)
    await world.pass(2.5 * SECOND, shard)
    expect([shard.attempts.length, relay.open]).toEqual([3, 4])
    expect(shard.attempts.map(({ decision }) => decision)).toEqual(Array(3).fill('bounced'))
  })

  test('what was under way when it was configured anew only doubles its one session', async () => {
    const world = lineWorld()
    const relay = world.relay('primary')
    relay.takesMs = SECOND
    const shard = world.shard()
    shard.mail('primary', 20)
    await world.pass(SECOND / 2, shard)
    relay.change({ ehlo_name: 'other.example.com' })
    shard.pump.reset('primary')
    await world.pass(SECOND, shard)
    expect([relay.carried.length, relay.open]).toEqual([1, 2])
  })

  test('what was taken behind a refusal that the gate has to hear of only doubles its one session', async () => {
    const world = lineWorld()
    const relay = world.relay('primary')
    relay.takesMs = SECOND
    relay.rides = true
    let refused = false
    relay.reply = () => {
      if (refused) return undefined
      refused = true
      const reply = { code: 550, enhanced: '5.7.1', text: 'relaying denied' }
      return { step: 'rcpt', cause: 'reply', reply }
    }
    const shard = world.shard()
    shard.mail('primary', 20)
    await world.pass(2.5 * SECOND, shard)
    expect([relay.carried.length, relay.open]).toEqual([1, 2])
  })

  test('a session too many defers nothing while others work', async () => {
    const world = lineWorld()
    const relay = world.relay('primary', { max_sessions: 4 })
    relay.takesMs = 100
    relay.climb = () => (relay.open >= 2 ? refusal('greeting', 421) : undefined)
    const shard = world.shard()
    shard.mail('primary', 100)
    await world.pass(10 * SECOND, shard)
    expect([relay.carried.length, relay.mostOpen]).toEqual([100, 2])
    expect(shard.attempts.map(({ decision }) => decision)).toEqual(Array(100).fill('relayed'))
    expect(relay.climbs).toBeLessThan(5)
  })
})
