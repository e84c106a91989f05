import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  effectiveExpiry,
  firstExpiry,
  LONGEST_EXPIRY_MS,
  latestExpiry,
  nextTryAt,
  pauseAfter,
} from '../../src/domain/retry.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SCHEDULE = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR]
const NOON = Date.UTC(2026, 10, 2, 12)

describe('pauseAfter', () => {
  test('follows the schedule and repeats its last step', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 99].map((tries) => pauseAfter(tries, SCHEDULE, 0.5))
    expect(pauses).toEqual([...SCHEDULE, 4 * HOUR, 4 * HOUR])
  })

  test('spreads by a tenth either way', () => {
    expect([pauseAfter(1, SCHEDULE, 0), pauseAfter(1, SCHEDULE, 1)]).toEqual([54_000, 66_000])
  })
})

describe('nextTryAt', () => {
  const question = { now: NOON, tries: 1, schedule: SCHEDULE, random: 0.5 }

  test('is the end of the pause while that is before the expiry', () => {
    expect(nextTryAt({ ...question, expiresAt: NOON + HOUR })).toBe(NOON + MINUTE)
  })

  test('makes a last try shortly before the expiry instead of losing it', () => {
    const last = nextTryAt({ ...question, tries: 5, expiresAt: NOON + 2 * HOUR })
    expect(last).toBe(NOON + 2 * HOUR - 30_000)
    expect(nextTryAt({ ...question, tries: 6, now: last ?? 0, expiresAt: NOON + 2 * HOUR })).toBe(
      null,
    )
  })

  test('never lies past the expiry, always in the future, and comes to an end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 * HOUR }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1000, max: 24 * HOUR }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (steps, life, random) => {
          const schedule = steps.toSorted((a, b) => a - b)
          const expiresAt = NOON + life
          let now = NOON
          let tries = 1
          for (; tries < 300; tries++) {
            const next = nextTryAt({ now, tries, schedule, expiresAt, random })
            if (next === null) break
            expect(next).toBeGreaterThanOrEqual(now)
            expect(next).toBeLessThanOrEqual(expiresAt)
            now = next
          }
          // A whole first pause fits in front of the expiry no more: nothing was lost.
          if (tries < 300) expect(expiresAt - now).toBeLessThan(schedule[0] ?? 0)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('expiry', () => {
  const facts = { created_at: NOON, send_at: null, expires_at: NOON + 24 * HOUR }

  test('counts from the later of acceptance and send_at, five days at most', () => {
    const day = 86_400
    expect(firstExpiry({ created_at: NOON, send_at: null, expires_in: day })).toBe(NOON + 24 * HOUR)
    expect(firstExpiry({ created_at: NOON, send_at: NOON + HOUR, expires_in: 60 })).toBe(
      NOON + HOUR + MINUTE,
    )
    expect(firstExpiry({ created_at: NOON, send_at: NOON - HOUR, expires_in: 60 })).toBe(
      NOON + MINUTE,
    )
    expect(firstExpiry({ created_at: NOON, send_at: null, expires_in: 99 * day })).toBe(
      NOON + LONGEST_EXPIRY_MS,
    )
  })

  test('a stated one is kept though no relay could be reached', () => {
    const stated = { ...facts, expires_stated: 1, unreachable_since: NOON }
    expect(effectiveExpiry(stated, NOON + 30 * HOUR)).toBe(NOON + 24 * HOUR)
    expect(latestExpiry(stated)).toBe(NOON + 24 * HOUR)
  })

  test('an unstated one stands still while no relay can be reached, five days in all', () => {
    const open = { ...facts, expires_stated: 0, unreachable_since: NOON + HOUR }
    expect(effectiveExpiry(open, NOON + 3 * HOUR)).toBe(NOON + 26 * HOUR)
    expect(effectiveExpiry(open, NOON + 30 * 24 * HOUR)).toBe(NOON + LONGEST_EXPIRY_MS)
    expect(latestExpiry(open)).toBe(NOON + LONGEST_EXPIRY_MS)
    expect(effectiveExpiry({ ...open, unreachable_since: null }, NOON + 3 * HOUR)).toBe(
      NOON + 24 * HOUR,
    )
  })

  test('two outages add up when the first is written down at its end', () => {
    const first = { ...facts, expires_stated: 0, unreachable_since: NOON }
    const expires_at = effectiveExpiry(first, NOON + 2 * HOUR)
    const second = { ...first, expires_at, unreachable_since: NOON + 5 * HOUR }
    expect(effectiveExpiry(second, NOON + 8 * HOUR)).toBe(NOON + 29 * HOUR)
  })
})
