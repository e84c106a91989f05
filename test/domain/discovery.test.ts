import { describe, expect, test } from 'vitest'
import { afterFailure, beforeLookup, type LastLookup } from '../../src/domain/discovery.ts'

const NOW = 1_764_000_000_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function last(
  outcome: LastLookup['outcome'],
  contactAgo: number | null,
  failedAgo: number | null = null,
): LastLookup {
  const at = (ago: number | null) => (ago === null ? null : NOW - ago)
  return { outcome, contact_at: at(contactAgo), failed_at: at(failedAgo) }
}

describe('before a lookup, and where it then fails', () => {
  const M = MINUTE
  test.each<[name: string, known: LastLookup | null, before: string, failed: string]>([
    ['never looked up', null, 'look_up', 'unavailable'],
    ['found now', last('found', 0), 'found', 'found'],
    ['found a millisecond under 14 days ago', last('found', 14 * DAY - 1), 'found', 'found'],
    ['found 14 days ago', last('found', 14 * DAY), 'look_up', 'found'],
    ['found a millisecond under 35 days ago', last('found', 35 * DAY - 1), 'look_up', 'found'],
    ['found 35 days ago', last('found', 35 * DAY), 'look_up', 'stale'],
    ['found, failed just now, still fresh', last('found', DAY, 0), 'found', 'found'],
    ['found 20 days ago, failed just now', last('found', 20 * DAY, 0), 'found', 'found'],
    ['found 20 days ago, failed 5 min ago', last('found', 20 * DAY, 5 * M), 'look_up', 'found'],
    ['found 40 days ago, failed just now', last('found', 40 * DAY, 0), 'stale', 'stale'],
    ['absent under an hour ago', last('absent', HOUR - 1), 'absent', 'unavailable'],
    ['absent an hour ago', last('absent', HOUR), 'look_up', 'unavailable'],
    ['absent long ago, failed just now', last('absent', 2 * HOUR, 1), 'unavailable', 'unavailable'],
    ['failed under 5 min ago', last(null, null, 5 * M - 1), 'unavailable', 'unavailable'],
    ['failed 5 min ago', last(null, null, 5 * M), 'look_up', 'unavailable'],
    ['found in the future', last('found', -1), 'look_up', 'found'],
    ['absent in the future', last('absent', -1), 'look_up', 'unavailable'],
    ['failed in the future', last(null, null, -1), 'look_up', 'unavailable'],
  ])('%s', (_, known, before, failed) => {
    expect(beforeLookup(known, NOW)).toBe(before)
    expect(afterFailure(known, NOW)).toBe(failed)
  })
})

test.each<[name: string, known: LastLookup, before: string]>([
  ['not twice within an hour', last('found', HOUR - 1), 'found'],
  ['after an hour', last('found', HOUR), 'look_up'],
  ['not where that failed just now', last('found', DAY, 0), 'found'],
])('what was found and is of no use is looked up anew: %s', (_, known, before) => {
  expect(beforeLookup(known, NOW, { unusable: true })).toBe(before)
})
