import { expect, test } from 'vitest'
import {
  FIRST_PAUSE_MS,
  FULL_PACE,
  faster,
  LONGEST_PAUSE_MS,
  type Pace,
  REFUSALS_IN_A_ROW,
  slower,
} from '../../src/domain/pace.ts'

const NOW = 1_000_000

/** After so many refusals, each once the pause of the one before is over. */
function refused(times: number, code = 450, from: Pace = FULL_PACE, open = 4): Pace {
  let pace = from
  for (let n = 0; n < times; n++) pace = slower(pace, code, open, Math.max(NOW, pace.resumesAt))
  return pace
}

test('one greylisted recipient halves the sessions and stops nothing', () => {
  expect(refused(1)).toEqual({ sessions: 2, refusals: 1, pauseMs: 0, resumesAt: 0 })
  expect(refused(2).sessions).toBe(1)
  expect(refused(3).sessions).toBe(1)
  expect(slower(FULL_PACE, 450, 1, NOW).sessions).toBe(1)
})

test('421 pauses at once, others only when several come with no success between', () => {
  expect(refused(1, 421).resumesAt).toBe(NOW + FIRST_PAUSE_MS)
  expect(refused(REFUSALS_IN_A_ROW - 1).pauseMs).toBe(0)
  expect(refused(REFUSALS_IN_A_ROW).pauseMs).toBe(FIRST_PAUSE_MS)
  let pace = refused(REFUSALS_IN_A_ROW - 1)
  pace = refused(REFUSALS_IN_A_ROW - 1, 450, faster(pace, 100))
  expect(pace.pauseMs).toBe(0)
})

test('the pause doubles while such replies go on, up to a minute', () => {
  expect(refused(3, 421).pauseMs).toBe(4 * FIRST_PAUSE_MS)
  expect(refused(50, 421).pauseMs).toBe(LONGEST_PAUSE_MS)
})

test('what was under way when the pause began counts once', () => {
  const paused = slower(FULL_PACE, 421, 4, NOW)
  expect(slower(paused, 421, 4, NOW + FIRST_PAUSE_MS - 1)).toBe(paused)
})

test('a success halves the pause, then doubles the sessions, until nothing is left of it', () => {
  let pace = refused(3, 421)
  expect(pace).toMatchObject({ sessions: 1, pauseMs: 4000 })
  const seen: [number | null, number][] = []
  while (pace !== FULL_PACE) {
    pace = faster(pace, 4)
    seen.push([pace.sessions, pace.pauseMs])
  }
  expect(seen).toEqual([
    [1, 2000],
    [1, 1000],
    [2, 0],
    [null, 0],
  ])
})
