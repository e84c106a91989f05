/**
 * Whose turn it is at the sockets of an Outbox. A relay with due mail and no socket is sure of one: it waits in line,
 * idle sessions are closed for it, and busy ones that had their turn make room. Who has a socket gets another only where
 * nobody waits, and then always leaves one free: dials and handshakes that stall can't be closed.
 */

import type { Clock } from '../ports/clock.ts'
import { SOCKETS_PER_OUTBOX, SocketBudget, type TakenSocket } from './socket-budget.ts'

/** A line as the others see it. */
export interface Neighbour {
  /** Due mail, no session, nothing that holds it back. */
  readonly wantsSocket: boolean
  /** Has sessions, or is opening one. */
  readonly busy: boolean
  /** Sessions that are on their way out. */
  readonly leaving: number
  /** Closes one idle session; false where there is none. */
  closeIdle(): boolean
  wake(): void
}

export class SocketTurns {
  readonly #clock: Clock
  readonly #places: Place[] = []
  readonly #budget = new SocketBudget(SOCKETS_PER_OUTBOX, () => this.#wakeSoon())
  #scheduled = false
  #stuckSince: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  join(line: Neighbour): Place {
    const place = new Place(this, line)
    this.#places.push(place)
    return place
  }

  take(place: Place): TakenSocket | undefined {
    const waiting = this.#waiting()
    const ahead = waiting.includes(place) ? waiting.indexOf(place) : waiting.length
    const needed = place.sockets > 0 ? 2 + waiting.length : 1 + ahead
    if (this.#budget.free >= needed) {
      place.sockets += 1
      place.since = null
      return this.#budget.take(() => {
        place.sockets -= 1
      })
    }
    if (place.line.wantsSocket) {
      place.since ??= this.#clock.now()
      this.makeRoom()
    }
    return undefined
  }

  /** For how long, in milliseconds, others have waited while no socket carries anything and the runtime lets none go. */
  stuckMs(): number {
    const now = this.#clock.now()
    const isStuck =
      this.#budget.free === 0 &&
      this.#waiting().length > 0 &&
      this.#places.every(({ sockets, line }) => sockets === 0 || (!line.busy && line.leaving === 0))
    this.#stuckSince = isStuck ? (this.#stuckSince ?? now) : null
    return this.#stuckSince === null ? 0 : now - this.#stuckSince
  }

  /** How many sessions have to end for those that wait. */
  shortage(): number {
    if (this.#budget.free > 0) return 0
    const leaving = this.#places.reduce((sum, { line }) => sum + line.leaving, 0)
    return Math.max(0, this.#waiting().length - leaving)
  }

  makeRoom(): void {
    for (let wanted = this.shortage(); wanted > 0; wanted--) {
      if (!this.#places.some(({ line }) => line.closeIdle())) return
    }
  }

  /** Those that wait for their only socket, the longest first. */
  #waiting(): Place[] {
    return this.#wanting().filter(({ sockets }) => sockets === 0)
  }

  /** The same with those whose sockets carry no session: on their way out, or stuck. Who wants none any more loses its place. */
  #wanting(): Place[] {
    for (const place of this.#places) {
      if (place.since !== null && !place.line.wantsSocket) place.since = null
    }
    return this.#places
      .filter(({ since }) => since !== null)
      .sort((a, b) => (a.since ?? 0) - (b.since ?? 0))
  }

  #wakeSoon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      for (const { line } of this.#wanting()) line.wake()
    })
  }
}

/** One line's place among them. */
export class Place {
  readonly #turns: SocketTurns
  readonly line: Neighbour
  /** Taken and not yet let go by the runtime. */
  sockets = 0
  /** Since when it waits for its only one. */
  since: number | null = null

  constructor(turns: SocketTurns, line: Neighbour) {
    this.#turns = turns
    this.line = line
  }

  take(): TakenSocket | undefined {
    return this.#turns.take(this)
  }

  /** Others wait for a socket and not enough are about to come free. */
  get othersWait(): boolean {
    return this.#turns.shortage() > 0
  }
}
