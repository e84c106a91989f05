import { describe, expect, test } from 'vitest'
import { failed, HOUR, MINUTE, NOON, RELAY, SECOND, worked, world } from './gate-world.ts'

const CONFIGURED = ['587/starttls', '465/implicit', '2525/starttls']
const LEARNT = ['465/implicit', '587/starttls', '2525/starttls']

describe('the order of routes', () => {
  test('is the configured one at first', () => {
    expect(world().order()).toEqual(CONFIGURED)
  })

  test('begins with the one that worked, and ends with those that failed', () => {
    const it = world()
    it.report(failed('587/starttls'), worked('465/implicit'))
    expect(it.order()).toEqual(['465/implicit', '2525/starttls', '587/starttls'])
    it.evict()
    expect(it.order()).toEqual(['465/implicit', '2525/starttls', '587/starttls'])
  })

  test('forgets the one that worked when it fails', () => {
    const it = world()
    it.report(worked('465/implicit'))
    it.report(failed('465/implicit'))
    expect(it.order()).toEqual(['587/starttls', '2525/starttls', '465/implicit'])
  })

  test('is the configured one again when all fail', () => {
    const it = world()
    it.report(failed('465/implicit'), failed('587/starttls'), failed('2525/starttls'))
    expect(it.order()).toEqual(CONFIGURED)
    expect(it.alarms()).toEqual(['relay.unreachable'])
    expect(it.report(worked('2525/starttls'))).toMatchObject([
      { type: 'relay.recovered', data: { code: 'relay.unreachable' } },
    ])
    expect(it.order()[0]).toBe('2525/starttls')
  })
})

describe('a preferred route that does not work', () => {
  test('costs one lease its probe at growing intervals, up to an hour', () => {
    const it = world()
    it.report(failed('587/starttls'), worked('465/implicit'))
    const probes: number[] = []
    const end = NOON + 6 * HOUR
    for (; it.clock.at < end; it.clock.at += 10 * SECOND) {
      if (it.order()[0] !== '587/starttls') continue
      probes.push((it.clock.at - NOON) / MINUTE)
      // Nobody else gets the probe meanwhile.
      expect(it.order(it.shard('b'))[0]).toBe('465/implicit')
      it.report(failed('587/starttls'), worked('465/implicit'))
    }
    expect(probes).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243, 303])
  })

  test('keeps its probe for a lease that climbs: a renewal does not use it up', () => {
    const it = world()
    it.report(failed('587/starttls'), worked('465/implicit'))
    it.clock.at += MINUTE
    it.lease(undefined, 1, { climbs: false })
    expect(it.order()[0]).toBe('587/starttls')
  })

  test('is the first again as soon as its probe succeeds', () => {
    const it = world()
    it.report(failed('587/starttls'), worked('465/implicit'))
    it.clock.at += MINUTE
    expect(it.order()[0]).toBe('587/starttls')
    it.report(worked('587/starttls'))
    expect(it.order()).toEqual(CONFIGURED)
    expect(it.gate.health().health.routes['587/starttls']).toEqual({
      state: 'closed',
      since: null,
      next_probe_at: null,
      code: null,
    })
  })

  test('is probed too where it only was too slow', () => {
    const it = world()
    it.report(worked('465/implicit'))
    expect(it.order()).toEqual(LEARNT)
    it.clock.at += MINUTE
    expect(it.order()).toEqual(CONFIGURED)
    expect(it.order(it.shard('b'))).toEqual(LEARNT)
  })

  test('failures outside a probe neither put it off nor make its interval grow', () => {
    const it = world()
    it.report(failed('587/starttls'), worked('465/implicit'))
    it.clock.at += 30 * SECOND
    it.report(failed('587/starttls'))
    it.report(failed('587/starttls'))
    it.clock.at += 30 * SECOND
    expect(it.order()[0]).toBe('587/starttls')
    it.report(failed('587/starttls'))
    it.clock.at += 2 * MINUTE - 1
    expect(it.order()[0]).toBe('465/implicit')
    it.clock.at += 1
    expect(it.order()[0]).toBe('587/starttls')
  })

  test('is probed at once where an operator asks for it', () => {
    const it = world()
    it.report(failed('587/starttls'), worked('465/implicit'))
    it.gate.resume()
    expect(it.order()[0]).toBe('587/starttls')
  })
})

describe('health', () => {
  test('shows each breaker with its reason and next probe', () => {
    const it = world()
    it.report(failed('587/starttls', 'connect_timeout', 5), worked('465/implicit'))
    const { good_route, routes } = it.gate.health().health
    expect(good_route).toBe('465/implicit')
    expect(routes['587/starttls']).toEqual({
      state: 'open',
      since: new Date(NOON).toISOString(),
      next_probe_at: new Date(NOON + MINUTE).toISOString(),
      code: 'connect_timeout',
    })
  })

  test('a route taken out of the configuration is forgotten', () => {
    const it = world()
    it.report(failed('587/starttls', 'tls_untrusted', 17), worked('465/implicit'))
    it.report(failed('587/starttls', 'tls_untrusted', 17))
    expect(it.alarms()).toEqual(['relay.tls_untrusted'])
    it.gate.configure({ ...RELAY, version: 2, routes: [{ port: 465, tls: 'implicit' }] })
    expect([it.order(), it.alarms()]).toEqual([['465/implicit'], []])
  })
})

describe('alarms of routes', () => {
  test('TLS that fails everywhere is an alarm at once', () => {
    const it = world()
    for (const route of CONFIGURED) it.report(failed(route as '587/starttls', 'tls_handshake', 16))
    expect(it.alarms().toSorted()).toEqual(['relay.tls_untrusted', 'relay.unreachable'])
    it.report(worked('587/starttls'), { kind: 'relayed' })
    it.report(worked('2525/starttls'), { kind: 'relayed' })
    expect(it.alarms()).toEqual([])
  })

  test('one bad handshake beside a route that works calls nobody, a second one does', () => {
    const it = world()
    const bad = failed('587/starttls', 'tls_handshake', 16)
    const alarm = {
      kind: 'alarm',
      code: 'relay.tls_untrusted',
      detail: 'tls_handshake',
      route: '587/starttls',
    } as const
    it.report(bad, alarm, worked('465/implicit'))
    expect(it.alarms()).toEqual([])
    it.report(bad, alarm, worked('465/implicit'), { kind: 'relayed' })
    expect(it.alarms()).toEqual(['relay.tls_untrusted'])
    it.report(worked('587/starttls'))
    expect(it.alarms()).toEqual([])
  })

  test('a stripped STARTTLS calls at once and stays until it is offered again', () => {
    const it = world()
    const alarm = {
      kind: 'alarm',
      code: 'relay.possible_strip',
      detail: 'tls_not_offered',
      route: '587/starttls',
    } as const
    it.report(failed('587/starttls', 'tls_not_offered', 13), alarm, worked('465/implicit'))
    it.report({ kind: 'relayed' })
    expect(it.alarms()).toEqual(['relay.possible_strip'])
    it.report(worked('587/starttls'))
    expect(it.alarms()).toEqual([])
  })

  test('what a relay offered before is told to the next session', () => {
    const it = world()
    it.report(worked('587/starttls'))
    it.report(failed('587/starttls'))
    expect(it.lease()).toMatchObject({
      lease: { extensions: { '587/starttls': ['PIPELINING', 'STARTTLS'] } },
    })
  })
})
