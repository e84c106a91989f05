/** How fast a line hands over: its share of `max_per_second`, and what the relay's own 421, 450 and 452 left of it. */

import { FIRST_PACE, faster, type Pace, slower } from '../domain/pace.ts'

export class LinePace {
  #pace: Pace = FIRST_PACE
  #nextAt = 0

  /** Until when the relay wants a rest. */
  get resumesAt(): number {
    return this.#pace.resumesAt
  }

  /** When the next message may begin. */
  readyAt(): number {
    return Math.max(this.#pace.resumesAt, this.#nextAt)
  }

  /** How many of so many sessions it may use. */
  sessions(max: number): number {
    return Math.min(max, this.#pace.sessions ?? max)
  }

  /** A timer that was a little late is made up for, so that the mean is kept. */
  began(perSecond: number | null, now: number): void {
    if (perSecond === null) return
    const interval = 1000 / perSecond
    this.#nextAt = Math.max(this.#nextAt, now - interval / 10) + interval
  }

  relayed(maxSessions: number): void {
    this.#pace = faster(this.#pace, maxSessions)
  }

  /** It works, and takes nothing back of what it said about itself. */
  judged(maxSessions: number): void {
    if (this.#pace.refusals === 0) this.relayed(maxSessions)
  }

  refused(code: number, openSessions: number, now: number): void {
    this.#pace = slower(this.#pace, code, openSessions, now)
  }

  /** It fell silent, or is back. */
  restart(): void {
    this.#pace = { ...this.#pace, sessions: 1 }
  }

  /** It is configured anew, or an operator wants it tried now. */
  reset(): void {
    this.#pace = FIRST_PACE
  }
}
