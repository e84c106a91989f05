/** Nobody may be locked out: one wrong password is tried as seldom as the gate says, over all shards. */

import { describe, expect, test } from 'vitest'
import { longestLoginMs } from '../../src/domain/settings.ts'
import type { GateReport } from '../../src/ports/relay-gate.ts'
import { DEADLINES } from '../smtp/transcript.ts'
import { HOUR, loggedIn, MINUTE, NOON, RELAY, rejected, SECOND, world } from './gate-world.ts'

const trouble: GateReport & { kind: 'auth_temp' } = {
  kind: 'auth_temp',
  credential_version: 1,
  code: 'auth_temp',
  rule: 21,
}

describe('a credential that has not succeeded yet', () => {
  test('has one AUTH in flight over all shards', () => {
    const it = world()
    expect(it.auth(it.shard('a'))).toEqual({ ok: true })
    expect(it.auth(it.shard('b'))).toEqual({ ok: false, retry_at: NOON + SECOND })
    expect(it.auth(it.shard('a'))).toEqual({ ok: false, retry_at: NOON + SECOND })
    it.evict()
    expect(it.auth(it.shard('b'))).toMatchObject({ ok: false })
    it.gate.report({ ...it.shard('a'), reports: [loggedIn()] })
    expect(it.auth(it.shard('b'))).toEqual({ ok: true })
    expect(it.auth(it.shard('c'))).toEqual({ ok: true })
  })

  test('an AUTH that nobody reports on lapses, later than the longest one lasts', () => {
    const it = world()
    it.auth(it.shard('a'))
    it.clock.at += longestLoginMs(DEADLINES) + MINUTE - 1
    expect(it.auth(it.shard('b'))).toMatchObject({ ok: false })
    it.clock.at += 1
    expect(it.auth(it.shard('b'))).toEqual({ ok: true })
  })

  test('a new life of the shard voids what its old one was about to do', () => {
    const it = world()
    it.auth(it.shard('a', 'one'))
    expect(it.auth(it.shard('a', 'two'))).toEqual({ ok: true })
  })

  test('another shard cannot report an AUTH away', () => {
    const it = world()
    it.auth(it.shard('a'))
    const stale = { ...trouble, credential_version: 0 }
    it.gate.report({ ...it.shard('b'), reports: [{ kind: 'relayed' }, stale] })
    expect(it.auth(it.shard('c'))).toMatchObject({ ok: false })
    it.gate.report({ ...it.shard('a'), reports: [stale] })
    expect(it.auth(it.shard('c'))).toEqual({ ok: true })
  })
})

describe('a rejected login', () => {
  test('is tried once per step of the back-off, then waits for an operator', () => {
    const it = world()
    for (const step of [15 * MINUTE, HOUR, 4 * HOUR]) {
      expect(it.auth()).toEqual({ ok: true })
      it.report(rejected())
      const retry_at = it.clock.at + step
      expect(it.auth()).toEqual({ ok: false, retry_at })
      expect(it.lease()).toEqual({
        ok: false,
        reason: 'relay.auth',
        onward: 'other_account',
        retry_at,
      })
      it.clock.at = retry_at
      expect(it.lease()).toMatchObject({ ok: true })
    }
    expect(it.auth()).toEqual({ ok: true })
    expect(it.auth(it.shard('b'))).toMatchObject({ ok: false })
    it.report(rejected())
    it.clock.at += 365 * 24 * HOUR
    it.evict()
    expect(it.auth()).toEqual({ ok: false, retry_at: null })
    expect(it.lease()).toEqual({
      ok: false,
      reason: 'relay.auth',
      onward: 'other_account',
      retry_at: null,
    })
  })

  test('is one step for all shards that had one under way', () => {
    const it = world()
    it.report(loggedIn())
    const shards = ['a', 'b', 'c', 'd'].map((name) => it.shard(name))
    expect(shards.map((shard) => it.auth(shard).ok)).toEqual([true, true, true, true])
    for (const shard of shards) it.gate.report({ ...shard, reports: [rejected()] })
    expect(it.auth()).toEqual({ ok: false, retry_at: NOON + 15 * MINUTE })
    it.gate.report({
      ...it.shard('e'),
      reports: [{ ...rejected(), code: 'auth_mechanism', by_operator: true } as GateReport],
    })
    expect(it.auth()).toEqual({ ok: false, retry_at: null })
  })

  test('is an alarm, told once, and shown in the health', () => {
    const it = world()
    it.auth()
    expect(it.report(rejected())).toMatchObject([
      { type: 'relay.alarm', data: { relay: 'primary', code: 'relay.auth_rejected' } },
    ])
    it.clock.at += HOUR
    expect(it.report(rejected())).toEqual([])
    expect(it.gate.health().health.credential).toEqual({
      state: 'open',
      since: new Date(NOON).toISOString(),
      next_probe_at: new Date(NOON + 2 * HOUR).toISOString(),
      code: 'auth_rejected',
    })
  })

  test('is over with a changed credential, and the old verdict says nothing about the new one', () => {
    const it = world()
    it.report(rejected())
    it.gate.configure({ ...RELAY, version: 2, credential_version: 2 })
    expect(it.alarms()).toEqual([])
    expect(it.lease()).toMatchObject({ ok: true })
    it.report(rejected(1))
    expect(it.auth(it.shard(), 2)).toEqual({ ok: true })
    expect(it.gate.health().health.credential.state).toBe('closed')
  })

  test('is not over with another change of the relay', () => {
    const it = world()
    it.report(rejected())
    it.gate.configure({ ...RELAY, version: 2, ehlo_name: 'gateway.example.com' })
    it.gate.resume()
    expect(it.auth()).toMatchObject({ ok: false })
    expect(it.alarms()).toEqual(['relay.auth_rejected'])
  })

  test('counts for a credential that worked before, and ends with a success', () => {
    const it = world()
    it.report(loggedIn())
    it.report(rejected())
    expect(it.auth()).toEqual({ ok: false, retry_at: NOON + 15 * MINUTE })
    expect(it.lease()).toMatchObject({ ok: false, reason: 'relay.auth' })
    it.clock.at += 15 * MINUTE
    expect(it.auth()).toEqual({ ok: true })
    expect(it.report(loggedIn())).toMatchObject([{ type: 'relay.recovered' }])
    it.report(rejected())
    expect(it.auth()).toEqual({ ok: false, retry_at: it.clock.at + 15 * MINUTE })
  })

  test('that wants another mechanism waits for an operator at once', () => {
    const it = world()
    it.report({
      kind: 'auth_rejected',
      credential_version: 1,
      code: 'auth_mechanism',
      alarm: 'relay.auth_mechanism',
      by_operator: true,
    })
    expect(it.lease()).toEqual({
      ok: false,
      reason: 'relay.auth',
      onward: 'other_account',
      retry_at: null,
    })
    expect(it.alarms()).toEqual(['relay.auth_mechanism'])
  })
})

describe('trouble without a verdict', () => {
  test('follows the retry schedule, one at a time, for ever', () => {
    const it = world()
    for (const step of [MINUTE, 5 * MINUTE, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE]) {
      expect(it.auth()).toEqual({ ok: true })
      it.report(trouble)
      expect(it.auth()).toEqual({ ok: false, retry_at: it.clock.at + step })
      it.clock.at += step
    }
    expect(it.alarms()).toEqual(['relay.auth_failing'])
    expect(it.auth()).toEqual({ ok: true })
    expect(it.auth(it.shard('b'))).toMatchObject({ ok: false })
  })

  test('does not end the leases of sessions that are open', () => {
    const it = world()
    it.report(loggedIn())
    it.report(trouble)
    expect(it.lease()).toMatchObject({ ok: true })
    expect(it.auth()).toMatchObject({ ok: false })
  })

  test('keeps a relay shut that nobody has logged in to yet', () => {
    const it = world()
    it.report(trouble)
    expect(it.lease()).toEqual({
      ok: false,
      reason: 'relay.auth',
      onward: 'other_account',
      retry_at: NOON + MINUTE,
    })
  })

  test('does not soften a rejection', () => {
    const it = world()
    it.report(rejected())
    it.report(trouble)
    expect(it.auth()).toEqual({ ok: false, retry_at: NOON + 15 * MINUTE })
  })
})

test('a shard with an older configuration renews its lease first', () => {
  const it = world({ ...RELAY, credential_version: 5 })
  expect(it.auth(it.shard(), 4)).toEqual({ ok: false, retry_at: NOON })
  expect(it.auth(it.shard(), 5)).toEqual({ ok: true })
})

test('a relay that trusts by network needs no login', () => {
  const it = world({ ...RELAY, auth_user: null, sealed_credential: null })
  expect(it.lease()).toMatchObject({ ok: true })
})
