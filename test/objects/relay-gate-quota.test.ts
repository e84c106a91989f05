import { describe, expect, test } from 'vitest'
import { HOUR, NOON, RELAY, SECOND, world } from './gate-world.ts'

const MIDNIGHT = NOON + 12 * HOUR

describe('max_per_day', () => {
  test('a lease sets a part of it aside, and without a limit none', () => {
    expect(world().lease()).toMatchObject({ lease: { messages: null } })
    expect(world({ ...RELAY, max_per_day: 50 }).lease()).toMatchObject({ lease: { messages: 25 } })
    expect(world({ ...RELAY, max_per_day: 100_000 }).lease()).toMatchObject({
      lease: { messages: 100 },
    })
  })

  test('is counted over all shards, to the last message and no further', () => {
    const it = world({ ...RELAY, max_per_day: 120 })
    const shards = ['a', 'b', 'c'].map((name) => it.shard(name))
    const carried = new Map<string, number>()
    let total = 0
    for (let round = 0; round < 60; round++) {
      for (const shard of shards) {
        it.clock.at += SECOND / 10
        const answer = it.lease(shard, 1, { held: 1, carried: carried.get(shard.shard) ?? 0 })
        const messages = (answer.ok && answer.lease.messages) || 0
        carried.set(shard.shard, messages)
        total += messages
      }
    }
    expect(total).toBe(120)
    expect(it.lease(it.shard('a'))).toMatchObject({ ok: false, reason: 'relay.quota' })
  })

  test('used up, the relay waits until the day ends in UTC, with an alarm told once', () => {
    const it = world({ ...RELAY, max_per_day: 10 })
    it.lease()
    const answer = it.lease(undefined, 1, { held: 1, carried: 10 })
    expect(answer).toMatchObject({
      ok: false,
      reason: 'relay.quota',
      retry_at: MIDNIGHT,
      events: [{ type: 'relay.alarm', data: { code: 'relay.quota', detail: 'max_per_day: 10' } }],
    })
    expect(it.lease(it.shard('b'))).toMatchObject({ ok: false, events: [] })
    // What was still under way succeeds, which doesn't lift the limit.
    expect(it.report({ kind: 'relayed' })).toEqual([])
    it.evict()
    it.clock.at = MIDNIGHT - 1
    expect(it.lease()).toMatchObject({ ok: false, reason: 'relay.quota' })
    it.clock.at = MIDNIGHT
    expect(it.lease()).toMatchObject({ ok: true, lease: { messages: 5 } })
    expect(it.report({ kind: 'relayed' })).toMatchObject([{ type: 'relay.recovered' }])
    expect(it.alarms()).toEqual([])
  })

  test('a higher limit lets it go on at once', () => {
    const it = world({ ...RELAY, max_per_day: 10 })
    it.lease()
    it.lease(undefined, 1, { held: 1, carried: 10 })
    it.gate.configure({ ...RELAY, version: 2, max_per_day: 20 })
    expect(it.alarms()).toEqual([])
    expect(it.lease()).toMatchObject({ ok: true, lease: { messages: 5 } })
  })

  test('what a shard took and never told of is counted whole', () => {
    const it = world({ ...RELAY, max_per_day: 40 })
    expect(it.lease(it.shard('a', 'one'))).toMatchObject({ lease: { messages: 20 } })
    expect(it.lease(it.shard('a', 'two'))).toMatchObject({ lease: { messages: 10 } })
    it.clock.at += 30 * SECOND
    expect(it.lease(it.shard('b'))).toMatchObject({ lease: { messages: 5 } })
  })

  test('what is given back is there for others', () => {
    const it = world({ ...RELAY, max_per_day: 40 })
    it.lease(it.shard('a'))
    it.release(it.shard('a'), 0, 2)
    expect(it.lease(it.shard('b'))).toMatchObject({ lease: { messages: 19 } })
  })

  test('who comes when all is set aside waits for what others give back', () => {
    const it = world({ ...RELAY, max_per_day: 1 })
    expect(it.lease(it.shard('a'))).toMatchObject({ lease: { messages: 1 } })
    expect(it.lease(it.shard('b'))).toMatchObject({ ok: false, reason: 'relay.busy' })
    it.release(it.shard('a'))
    expect(it.lease(it.shard('b'))).toMatchObject({ lease: { messages: 1 } })
  })

  test('is shown, and a message that was taken back after midnight makes no debt of the new day', () => {
    const it = world()
    const shown = () => it.gate.health().health.messages_today
    it.lease()
    it.lease(undefined, 1, { held: 1, carried: 3 })
    expect(shown()).toBe(3)
    it.lease(undefined, 1, { held: 1, carried: -1 })
    expect(shown()).toBe(2)
    it.clock.at = MIDNIGHT
    it.lease(undefined, 1, { held: 1, carried: -1 })
    expect(shown()).toBe(0)
  })

  test('is counted before there is a limit as well', () => {
    const it = world()
    it.lease()
    it.lease(undefined, 1, { held: 1, carried: 30 })
    it.gate.configure({ ...RELAY, version: 2, max_per_day: 30 })
    expect(it.lease()).toMatchObject({ ok: false, reason: 'relay.quota' })
  })
})

describe('max_per_second', () => {
  test('is shared by the shards that send, and each waits for its part', () => {
    const it = world({ ...RELAY, max_per_second: 20 })
    const rate = (name: string, held = 0) => {
      const answer = it.lease(it.shard(name), 1, { held })
      return answer.ok ? answer.lease.per_second : answer.reason
    }
    expect(rate('a')).toBe(20)
    expect(rate('b')).toBe('relay.busy')
    expect(rate('a', 1)).toBe(10)
    expect(rate('b')).toBe(10)
    it.release(it.shard('b'))
    expect(rate('a', 1)).toBe(20)
    expect(world().lease()).toMatchObject({ lease: { per_second: null } })
  })
})
