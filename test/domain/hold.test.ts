import { expect, test } from 'vitest'
import { heldUntil } from '../../src/domain/hold.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const question = {
  dotSentAt: 0,
  unknowns: 0,
  holdAfterMs: 15 * MINUTE,
  schedule: [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR],
  expiresAt: 1000 * HOUR,
}
const pauses = (more: Partial<typeof question>, count: number) =>
  Array.from({ length: count }, (_, unknowns) => heldUntil({ ...question, ...more, unknowns }))

test('the first hold is HOLD_AFTER, each further one twice as long up to four hours', () => {
  const expected = [15, 30, 60, 120, 240, 240].map((minutes) => minutes * MINUTE)
  expect(pauses({}, 6)).toEqual(expected)
})

test('a schedule that waits longer is followed, and a HOLD_AFTER over four hours is kept', () => {
  expect(pauses({ schedule: [HOUR, 6 * HOUR] }, 3)).toEqual([15 * MINUTE, HOUR, 6 * HOUR])
  expect(pauses({ holdAfterMs: 5 * HOUR }, 2)).toEqual([5 * HOUR, 5 * HOUR])
})

test('nothing is sent again past its expiry', () => {
  expect(pauses({ expiresAt: 15 * MINUTE }, 1)).toEqual([null])
  expect(pauses({ expiresAt: 15 * MINUTE + 1 }, 1)).toEqual([15 * MINUTE])
})
