import { describe, expect, it } from 'vitest'
import type { StoredRelay } from '../../src/domain/relay.ts'
import { createAnswerStore } from '../../src/storage/d1-answers.ts'
import { createSweepStore } from '../../src/storage/d1-sweeps.ts'
import { createDkimStore } from '../../src/storage/dkim-store.ts'
import { createRelayStore } from '../../src/storage/relay-store.ts'
import { useD1 } from '../support/d1.ts'

const NOW = 1_764_000_000_000
const HOUR = 3_600_000

const database = useD1()
const clock = { at: NOW, now: () => clock.at }

const RELAY: StoredRelay = {
  id: 'primary',
  host: 'smtp.example.com',
  routes: [
    { port: 587, tls: 'starttls' },
    { port: 465, tls: 'implicit' },
  ],
  ehlo_name: null,
  senders: ['*@example.com'],
  priority: 10,
  paused: true,
  max_sessions: 4,
  max_per_second: null,
  max_per_day: 50_000,
  flight_depth: 4,
  spill_over: true,
  auth_user: 'ada',
  oauth: null,
  sealed_credential: 'v1.x.y',
  version: NOW,
  credential_version: NOW,
  created_at: '2026-11-24T03:30:00.000Z',
  updated_at: '2026-11-24T03:30:00.000Z',
}

describe('the relay store', () => {
  it('keeps a relay and lists by priority, then name', async () => {
    const store = createRelayStore(database.db, clock)
    await store.put(RELAY)
    await store.put({ ...RELAY, id: 'b', priority: 5 })
    await store.put({ ...RELAY, id: 'a', priority: 5 })
    expect(await store.get('primary')).toEqual(RELAY)
    expect((await store.list()).map(({ id }) => id)).toEqual(['a', 'b', 'primary'])
    expect(await store.delete('a')).toBe(true)
    expect(await store.delete('a')).toBe(false)
    expect(await store.get('a')).toBeNull()
  })

  it('lets only one of two changes win that began from the same version', async () => {
    const store = createRelayStore(database.db, clock)
    await store.put(RELAY)
    const next = { ...RELAY, version: RELAY.version + 1 }
    const won = await Promise.all([
      store.put({ ...next, host: 'one.example.com' }),
      store.put({ ...next, host: 'two.example.com' }),
    ])
    expect(won.toSorted()).toEqual([false, true])
    expect((await store.get('primary'))?.host).toBe(won[0] ? 'one.example.com' : 'two.example.com')
  })
})

describe('the DKIM store', () => {
  it('knows keys by domain and selector', async () => {
    const store = createDkimStore(database.db, clock)
    const key = {
      domain: 'example.com',
      selector: 'one',
      algorithm: 'ed25519-sha256' as const,
      sealed_key: 'v1.x.y',
      public_key: 'abc',
      created_at: NOW,
    }
    await store.put(key)
    await store.put({ ...key, domain: 'example.org' })
    expect(await store.list('example.com')).toEqual([key])
    expect(await store.list()).toHaveLength(2)
    expect(await store.delete('example.com', 'two')).toBe(false)
    expect(await store.delete('example.com', 'one')).toBe(true)
    expect(await store.list('example.com')).toEqual([])
  })
})

describe('the sweep store', () => {
  it('knows the last time', async () => {
    const store = createSweepStore(database.db)
    expect(await store.last()).toBeNull()
    await store.record(NOW)
    await store.record(NOW - 1)
    expect(await store.last()).toBe(NOW)
  })
})

describe('the answer store', () => {
  it('lets exactly one of many claim', async () => {
    const store = createAnswerStore(database.db)
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, i) => store.claim('s', 'k', `hash ${i}`, NOW)),
    )
    expect(claims.map(({ kind }) => kind).toSorted()).toEqual([
      'claimed',
      ...Array.from({ length: 9 }, () => 'running'),
    ])
  })

  it('tells the first answer for 24 h, by scope and key', async () => {
    const store = createAnswerStore(database.db)
    await store.claim('s', 'k', 'hash', NOW)
    await store.settle('s', 'k', 201, '{}')
    const answered = { kind: 'answered', hash: 'hash', status: 201, answer: '{}' }
    expect(await store.claim('s', 'k', 'other', NOW + 24 * HOUR - 1)).toEqual(answered)
    expect(await store.claim('s', 'other', 'hash', NOW)).toEqual({ kind: 'claimed' })
    expect(await store.claim('t', 'k', 'hash', NOW)).toEqual({ kind: 'claimed' })
    expect(await store.claim('s', 'k', 'other', NOW + 24 * HOUR)).toEqual({ kind: 'claimed' })
  })

  it('frees the key of a request that failed, or died', async () => {
    const store = createAnswerStore(database.db)
    await store.claim('s', 'k', 'hash', NOW)
    await store.abandon('s', 'k')
    expect(await store.claim('s', 'k', 'hash', NOW)).toEqual({ kind: 'claimed' })
    expect(await store.claim('s', 'k', 'hash', NOW + 59_999)).toEqual({ kind: 'running' })
    expect(await store.claim('s', 'k', 'hash', NOW + 60_000)).toEqual({ kind: 'claimed' })
  })

  it('forgets what is older than a day', async () => {
    const store = createAnswerStore(database.db)
    await store.claim('s', 'old', 'hash', NOW - 24 * HOUR)
    await store.claim('s', 'new', 'hash', NOW)
    await store.sweep(NOW)
    const dump = await database.dump()
    expect([dump.includes('"old"'), dump.includes('"new"')]).toEqual([false, true])
  })
})
