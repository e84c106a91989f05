/**
 * How much at once a relay gets. It begins with one session, so that one that only ever falls silent holds no more,
 * and with one again once it was away. A reply of 421, 450 or 452 asks for less and halves its sessions, down to
 * one: gentle, since 450 at RCPT is mostly greylisting and says nothing about other mail. Only 421, or several such
 * replies with no success between, make it pause as well, each time twice as long; a success halves the pause, and
 * once that is gone doubles the sessions again.
 */

/** So many in a row are about the relay, whatever each of them was about. */
export const REFUSALS_IN_A_ROW = 5
export const FIRST_PAUSE_MS = 1000
export const LONGEST_PAUSE_MS = 60_000

export interface Pace {
  /** At most so many sessions; null: as many as allowed. */
  sessions: number | null
  /** Refusals since the last success. */
  refusals: number
  /** The last pause, halved by each success since; 0: none. */
  pauseMs: number
  /** Nothing is sent before. */
  resumesAt: number
}

export const FULL_PACE: Pace = { sessions: null, refusals: 0, pauseMs: 0, resumesAt: 0 }

/** One session until it judged a mail. */
export const FIRST_PACE: Pace = { ...FULL_PACE, sessions: 1 }

export function slower(pace: Pace, code: number, openSessions: number, now: number): Pace {
  // What was under way when the pause began says nothing new.
  if (now < pace.resumesAt) return pace
  const sessions = Math.max(
    1,
    Math.floor(Math.min(pace.sessions ?? openSessions, openSessions) / 2),
  )
  const refusals = pace.refusals + 1
  if (code !== 421 && refusals < REFUSALS_IN_A_ROW) return { ...pace, sessions, refusals }
  const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, pace.pauseMs * 2))
  return { sessions, refusals, pauseMs, resumesAt: now + pauseMs }
}

export function faster(pace: Pace, maxSessions: number): Pace {
  if (pace === FULL_PACE) return pace
  const pauseMs = pace.pauseMs / 2 < FIRST_PAUSE_MS ? 0 : pace.pauseMs / 2
  const grown = pauseMs > 0 || pace.sessions === null ? pace.sessions : pace.sessions * 2
  const sessions = grown !== null && grown >= maxSessions ? null : grown
  if (sessions === null && pauseMs === 0) return FULL_PACE
  return { ...pace, sessions, refusals: 0, pauseMs }
}
