/**
 * HOLD: the last octets left and nobody knows the outcome (rule 40). An unknown recipient waits HOLD_AFTER from that
 * moment on; where it is then sent again and the outcome is unknown once more, it waits longer each time: twice as long
 * up to four hours, or as long as RETRY_SCHEDULE says where that is longer. Past its expiry it stays unknown.
 */

import { outcomeRow } from './outcome-table.ts'

export const UNKNOWN = outcomeRow('outcome_unknown')

const LONGEST_DOUBLED_MS = 4 * 3_600_000

export interface HoldQuestion {
  dotSentAt: number
  /** Earlier tries whose outcome is unknown. */
  unknowns: number
  /** HOLD_AFTER. */
  holdAfterMs: number
  /** RETRY_SCHEDULE. */
  schedule: readonly number[]
  expiresAt: number
}

/** When it is sent again; null: never by itself. */
export function heldUntil(question: HoldQuestion): number | null {
  const { dotSentAt, expiresAt } = question
  const at = dotSentAt + pauseOf(question)
  return at < expiresAt ? at : null
}

function pauseOf({ unknowns, holdAfterMs, schedule }: HoldQuestion): number {
  if (unknowns === 0) return holdAfterMs
  const doubled = Math.min(holdAfterMs * 2 ** unknowns, Math.max(holdAfterMs, LONGEST_DOUBLED_MS))
  return Math.max(doubled, schedule[Math.min(unknowns, schedule.length) - 1] ?? 0)
}
