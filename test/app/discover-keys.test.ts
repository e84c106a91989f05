/** Lookups and their memory, on a real D1 database. */

import { beforeEach, describe, expect, test } from 'vitest'
import { KeyFinder } from '../../src/app/discover-keys.ts'
import type { KeyDiscovery, LookupOutcome } from '../../src/ports/key-discovery.ts'
import { createDiscoveryStore } from '../../src/storage/discovery-store.ts'
import { useD1 } from '../support/d1.ts'

const START = 1_764_000_000_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ADA = 'ada@example.org'
const KEY = new Uint8Array([0xc6, 0, 255])
const RENEWED = new Uint8Array([0xc6, 1])
const DOWN = { unavailable: 'example.org answers 500' }

const database = useD1()
const clock = { at: START, now: () => clock.at }
const live = new AbortController().signal

let asked: string[]
let answer: LookupOutcome

const wkd: KeyDiscovery = {
  id: 'wkd',
  lookup: async (address) => {
    asked.push(address)
    return answer
  },
}

beforeEach(() => {
  clock.at = START
  asked = []
  answer = { found: [KEY] }
})

function request(discovery = wkd): KeyFinder {
  return new KeyFinder({ discovery, store: createDiscoveryStore(database.db), clock })
}

function find(options = {}) {
  return request().find(ADA, live, options)
}

describe('a key that was found', () => {
  const found = { found: [KEY], contact_at: START, problem: null }

  test('is asked for once in 14 days', async () => {
    expect(await find()).toEqual(found)
    clock.at += 14 * DAY - 1
    expect(await find()).toEqual(found)
    expect(asked).toEqual([ADA])
    clock.at += 1
    answer = { found: [RENEWED, KEY] }
    const renewed = { found: [RENEWED, KEY], contact_at: clock.at, problem: null }
    expect(await find()).toEqual(renewed)
    expect(await find()).toEqual(renewed)
    expect(asked).toHaveLength(2)
  })

  test('serves 35 days where its place is out of reach, asked every 5 minutes at most, then is stale', async () => {
    await find()
    clock.at += 14 * DAY
    answer = DOWN
    const kept = { ...found, problem: DOWN.unavailable }
    expect(await find()).toEqual(kept)
    clock.at += 5 * MINUTE - 1
    expect(await find()).toEqual(kept)
    expect(asked).toHaveLength(2)
    clock.at = START + 35 * DAY - 1
    expect(await find()).toEqual(kept)
    expect(asked).toHaveLength(3)
    clock.at += 1
    const stale = { stale: DOWN.unavailable, contact_at: START }
    expect(await find()).toEqual(stale)
    clock.at += HOUR
    expect(await find()).toEqual(stale)
    answer = { found: [RENEWED] }
    clock.at += HOUR
    expect(await find()).toMatchObject({ found: [RENEWED], problem: null })
  })

  test('is gone once its place says so', async () => {
    await find()
    clock.at += 14 * DAY
    answer = { absent: true }
    expect(await find()).toEqual({ absent: true })
    clock.at += HOUR
    answer = DOWN
    expect(await find()).toEqual(DOWN)
  })

  test('and is of no use is looked up anew, hourly at most', async () => {
    await find()
    clock.at += HOUR
    answer = { found: [RENEWED] }
    expect(await find({ unusable: true })).toMatchObject({ found: [RENEWED] })
    expect(await find({ unusable: true })).toMatchObject({ found: [RENEWED] })
    expect(asked).toHaveLength(2)
  })
})

test('that there is none holds for an hour', async () => {
  answer = { absent: true }
  expect(await find()).toEqual({ absent: true })
  clock.at += HOUR - 1
  answer = { found: [KEY] }
  expect(await find()).toEqual({ absent: true })
  clock.at += 1
  expect(await find()).toMatchObject({ found: [KEY] })
})

test('a place out of reach is asked every 5 minutes at most, and never taken for one without the key', async () => {
  answer = DOWN
  expect(await find()).toEqual(DOWN)
  clock.at += 5 * MINUTE - 1
  answer = { found: [KEY] }
  expect(await find()).toEqual(DOWN)
  expect(asked).toHaveLength(1)
  clock.at += 1
  expect(await find()).toMatchObject({ found: [KEY] })
})

test('one request asks once for an address, at whatever end it is needed', async () => {
  const one = request()
  const found = await Promise.all([
    one.find(ADA, live),
    one.find(ADA, live),
    one.find('b@c.de', live),
  ])
  expect(found).toHaveLength(3)
  expect(asked.sort()).toEqual([ADA, 'b@c.de'])
})

test('who stopped waiting has learned nothing of the place', async () => {
  const gone = new AbortController()
  const stopped: KeyDiscovery = {
    id: 'wkd',
    lookup: async () => {
      gone.abort()
      return { unavailable: 'example.org was not waited for' }
    },
  }
  expect(await request(stopped).find(ADA, gone.signal)).toHaveProperty('unavailable')
  expect(await find()).toMatchObject({ found: [KEY] })
})

describe('the memory', () => {
  test('keeps places apart', async () => {
    await find()
    answer = { absent: true }
    expect(await request({ ...wkd, id: 'ldap' }).find(ADA, live)).toEqual({ absent: true })
    expect(await find()).toMatchObject({ found: [KEY] })
  })

  test('takes outcomes in the order of their times, not of their arrival', async () => {
    const store = createDiscoveryStore(database.db)
    await store.record('wkd', ADA, DOWN, START + 2)
    await store.record('wkd', ADA, { found: [KEY] }, START + 1)
    await store.record('wkd', ADA, { absent: true }, START)
    const known = { found: [KEY], contact_at: START + 1, failed_at: START + 2 }
    expect(await store.get('wkd', ADA)).toMatchObject(known)
    await store.record('wkd', ADA, { unavailable: 'older' }, START)
    expect(await store.get('wkd', ADA)).toEqual({ ...known, problem: DOWN.unavailable })
    await store.record('wkd', ADA, { absent: true }, START + 3)
    expect(await store.get('wkd', ADA)).toEqual({
      ...{ found: [], contact_at: START + 3, failed_at: null, problem: null },
    })
  })

  test('forgets what nobody looked up for 90 days', async () => {
    const store = createDiscoveryStore(database.db)
    await find()
    await store.sweep(START + 90 * DAY - 1)
    expect(await store.get('wkd', ADA)).not.toBeNull()
    await store.sweep(START + 90 * DAY)
    expect(await store.get('wkd', ADA)).toBeNull()
  })
})
