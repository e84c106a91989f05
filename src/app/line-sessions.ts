/** The sessions of a line, opened and closed: one climb at a time, and none forgotten before it is gone. */

import { describeError } from '../domain/describe-error.ts'
import type { AtOnce } from './at-once.ts'
import { climbOnce } from './climb-login.ts'
import type { LineContext } from './line-context.ts'
import type { LineLease } from './line-lease.ts'
import type { LinePace } from './line-pace.ts'
import { ASK_AGAIN_MS, LEAVE_MS, PROBE_AFTER_MS } from './line-times.ts'
import type { LineWait } from './line-wait.ts'
import type { OpenSession } from './open-session.ts'
import type { TakenSocket } from './socket-budget.ts'
import type { Place } from './socket-turns.ts'
import { settleUnreachable } from './unreachable.ts'

export interface AroundSessions {
  lease: LineLease
  pace: LinePace
  wait: LineWait
  place: Place
  again: AtOnce
  /** A session was opened, or one is gone. */
  wake(): void
}

export class LineSessions implements Iterable<OpenSession> {
  readonly #context: LineContext
  readonly #around: AroundSessions
  readonly #open = new Set<OpenSession>()
  #opening = false
  /** Sessions that say goodbye. */
  #leaving = 0

  constructor(context: LineContext, around: AroundSessions) {
    this.#context = context
    this.#around = around
  }

  [Symbol.iterator](): Iterator<OpenSession> {
    return this.#open.values()
  }

  get size(): number {
    return this.#open.size
  }

  get opening(): boolean {
    return this.#opening
  }

  get leaving(): number {
    return this.#leaving
  }

  /** Those that the relay has of us, or is about to have. */
  get held(): number {
    return this.#open.size + this.#leaving + Number(this.#opening)
  }

  /** Where a socket is to be had and nothing holds the relay back. */
  open(): void {
    const { clock } = this.#context
    const { wait, place } = this.#around
    // Dials and handshakes of the climb that failed still stall.
    const stalls = wait.unreached && place.sockets > this.held
    if (stalls && wait.until <= clock.now()) wait.stalled()
    if (wait.until > clock.now()) {
      wait.putOff()
      return
    }
    let first = place.take()
    if (!first) return
    const takeSocket = (): TakenSocket | undefined => {
      const socket = first ?? place.take()
      first = undefined
      return socket
    }
    this.#opening = true
    void this.#climb(takeSocket).finally(() => {
      this.#opening = false
      first?.release()
      this.#around.wake()
    })
  }

  async #climb(takeSocket: () => TakenSocket | undefined): Promise<void> {
    const { clock, relay, logLine } = this.#context
    const { lease: leases, wait, pace, again } = this.#around
    try {
      const open = this.#open.size
      const answer = await leases.ask(open + 1, open + this.#leaving)
      if (!answer.ok) return wait.refused(answer)
      const { lease } = answer
      // Other shards hold the rest: asked again at the pace of leases, not in a circle.
      if (lease.sessions <= this.#open.size) return wait.hold(clock.now() + ASK_AGAIN_MS)
      const end = await climbOnce(this.#context, lease, takeSocket)
      if (end.kind === 'open') this.#open.add(end.open)
      await leases.report(end.reports)
      if (end.kind === 'open') {
        if (wait.unreached) pace.restart()
        return wait.reached()
      }
      // What works goes on: the relay takes no further session, or one of its routes has a bad moment.
      if (this.#open.size > 0) return wait.hold(clock.now() + PROBE_AFTER_MS)
      if (end.kind === 'suspended') return wait.mayNotLogIn(end)
      wait.failed(end.failed)
      await settleUnreachable(this.#context, again, lease.relay, end.failed)
    } catch (error) {
      logLine({ type: 'pump.error', relay, error: describeError(error) })
      wait.hold(clock.now() + PROBE_AFTER_MS)
    }
  }

  /** The gate gives it to others only once it is closed; a relay that doesn't answer QUIT isn't waited for long. */
  drop(open: OpenSession): void {
    clearTimeout(open.idle)
    if (!this.#open.delete(open)) return
    this.#leaving += 1
    let gone = false
    const leave = () => {
      if (gone) return
      gone = true
      clearTimeout(patience)
      this.#leaving -= 1
      this.#around.lease.giveBack(() => this.held)
      this.#around.wake()
    }
    const patience = setTimeout(leave, LEAVE_MS)
    void open.session.close().finally(leave)
  }
}
