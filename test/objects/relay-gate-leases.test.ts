import { describe, expect, test } from 'vitest'
import { SchemaTooNewError } from '../../src/storage/sql.ts'
import { HOUR, LEASE, MINUTE, NOON, RELAY, SECOND, world } from './gate-world.ts'

const sessions = (answer: ReturnType<ReturnType<typeof world>['lease']>) =>
  answer.ok ? answer.lease.sessions : answer.reason

describe('leases', () => {
  test('last 15 seconds and carry the configuration', () => {
    const { lease, gate } = world()
    expect(lease()).toEqual({ ok: true, lease: LEASE })
    expect(gate.health().health.sessions).toBe(1)
  })

  test('all shards together never hold more than max_sessions', () => {
    const { lease, shard, gate, clock } = world()
    expect(sessions(lease(shard('a'), 3))).toBe(3)
    expect(sessions(lease(shard('b'), 3))).toBe(1)
    expect(lease(shard('c'), 3)).toEqual({
      ok: false,
      reason: 'relay.busy',
      retry_at: NOON + SECOND,
    })
    expect(gate.health().health.sessions).toBe(4)
    clock.at += 20 * SECOND
    expect(sessions(lease(shard('c'), 3))).toBe(3)
  })

  test('who renews makes room for who waits', () => {
    const { lease, release, shard, gate } = world()
    expect(sessions(lease(shard('a'), 4))).toBe(4)
    expect(sessions(lease(shard('b'), 4))).toBe('relay.busy')
    expect(sessions(lease(shard('a'), 4, { held: 4 }))).toBe(2)
    // Not free before they are closed.
    expect(sessions(lease(shard('b'), 4))).toBe('relay.busy')
    release(shard('a'), 3)
    expect([gate.health().health.sessions, sessions(lease(shard('b'), 4))]).toEqual([3, 1])
    release(shard('a'), 2)
    expect(sessions(lease(shard('b'), 4))).toBe(2)
  })

  test('asking for none still gives one, and never more than one shard can use', () => {
    const { lease, shard } = world({ ...RELAY, max_sessions: 1 })
    expect(sessions(lease(shard('a'), 0))).toBe(1)
    expect(sessions(lease(shard('a'), 9))).toBe(1)
    expect(sessions(lease(shard('b'), 1))).toBe('relay.busy')
  })

  test('a new life of a shard voids the lease of its old one', () => {
    const { lease, release, shard, gate } = world()
    expect(sessions(lease(shard('a', 'one'), 4))).toBe(4)
    expect(sessions(lease(shard('a', 'two'), 4))).toBe(4)
    release(shard('a', 'one'))
    expect(gate.health().health.sessions).toBe(4)
    release(shard('a', 'two'))
    expect(gate.health().health.sessions).toBe(0)
  })

  test('survive the eviction of the gate', () => {
    const it = world()
    it.lease(it.shard('a'), 4)
    it.evict()
    expect(sessions(it.lease(it.shard('b'), 1))).toBe('relay.busy')
  })
})

describe('what keeps a relay shut', () => {
  test('an unknown or paused one waits for an operator', () => {
    expect(world(null).lease()).toEqual({ ok: false, reason: 'relay.unknown', retry_at: null })
    const it = world()
    it.gate.configure({ ...RELAY, version: 2, paused: true })
    expect(it.lease()).toEqual({ ok: false, reason: 'relay.paused', retry_at: null })
    it.gate.configure(null)
    expect(it.lease()).toEqual({ ok: false, reason: 'relay.unknown', retry_at: null })
    expect(it.report({ kind: 'relayed' })).toEqual([])
  })

  test('a refused account pauses it until then, and a success ends the alarm', () => {
    const it = world()
    const until = NOON + 24 * HOUR
    const events = it.report({ kind: 'refused', code: 'relay_quota', alarm: 'relay.quota', until })
    expect(events).toMatchObject([{ type: 'relay.alarm', data: { code: 'relay.quota' } }])
    const refused = { ok: false, reason: 'relay.quota', retry_at: until, onward: 'any' }
    expect(it.lease()).toEqual(refused)
    it.evict()
    expect(it.lease()).toMatchObject({ ok: false, reason: 'relay.quota' })
    // Another mail was under way.
    expect(it.report({ kind: 'relayed' })).toEqual([])
    expect(it.alarms()).toEqual(['relay.quota'])
    it.clock.at = until
    expect(it.lease()).toMatchObject({ ok: true })
    expect(it.alarms()).toEqual(['relay.quota'])
    expect(it.report({ kind: 'relayed' })).toMatchObject([
      { type: 'relay.recovered', data: { code: 'relay.quota', relay: 'primary' } },
    ])
    expect(it.alarms()).toEqual([])
    expect(it.lease()).toMatchObject({ lease: { recovered_at: until } })
  })

  test('an operator ends the pause by flushing or changing the relay', () => {
    const it = world()
    const until = NOON + HOUR
    const refused = {
      kind: 'refused',
      code: 'relay_refused',
      alarm: 'relay.refused',
      until,
    } as const
    it.report(refused)
    expect(it.alarms()).toEqual(['relay.refused'])
    expect(it.lease()).toMatchObject({ ok: false, reason: 'relay.refused' })
    it.gate.resume()
    expect(it.lease()).toMatchObject({ ok: true })
    it.report(refused)
    it.gate.configure({ ...RELAY, version: 2 })
    expect(it.lease()).toMatchObject({ ok: true })
    expect(it.alarms()).toEqual([])
  })
})

describe('configure', () => {
  test('ignores a push that was overtaken, but not a relay made anew', () => {
    const it = world({ ...RELAY, version: 7 })
    it.gate.configure({ ...RELAY, version: 6, host: 'old.example.com' })
    expect(it.gate.health().relay?.host).toBe('smtp.example.com')
    const anew = { ...RELAY, version: 1, created_at: '2026-11-02T12:00:00.000Z' }
    it.gate.configure(anew)
    expect(it.gate.health().relay).toEqual(anew)
  })

  test('another host forgets what was learnt about the old one, and keeps the leases', () => {
    const it = world()
    it.lease(it.shard('a'), 2)
    it.report({ kind: 'route_ok', route: '465/implicit', extensions: ['SIZE'] })
    it.report({ kind: 'alarm', code: 'relay.config', detail: 'x' })
    it.gate.configure({ ...RELAY, version: 2, credential_version: 2, host: 'mx.example.org' })
    const { health } = it.gate.health()
    expect([health.good_route, health.sessions, it.alarms()]).toEqual([null, 2, []])
  })
})

test('a database that a newer version wrote is refused', () => {
  const it = world()
  it.sql.run('INSERT INTO schema_version (version) VALUES (?)', 99)
  expect(() => it.evict()).toThrow(SchemaTooNewError)
})

test('an alarm is told once, however many shards report it', () => {
  const it = world()
  const alarm = { kind: 'alarm', code: 'relay.config', detail: 'no such host' } as const
  expect(it.report(alarm, alarm)).toHaveLength(1)
  it.clock.at += MINUTE
  expect(it.gate.report({ ...it.shard('b'), reports: [alarm] })).toEqual([])
  expect(it.gate.health().alarms).toEqual([
    {
      code: 'relay.config',
      relay: 'primary',
      since: new Date(NOON).toISOString(),
      what: expect.any(String),
      do: expect.stringContaining('/v1/relays/primary'),
    },
  ])
})
