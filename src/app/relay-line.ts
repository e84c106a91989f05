/** One relay's line in the pump: the mail that is due for it, over sessions that carry one copy after another. */

import { describeError } from '../domain/describe-error.ts'
import { AtOnce } from './at-once.ts'
import { carry, type LineMemory } from './carry.ts'
import type { CarryEnd } from './carry-end.ts'
import type { LineContext } from './line-context.ts'
import { LineLease } from './line-lease.ts'
import { LinePace } from './line-pace.ts'
import { LineSessions } from './line-sessions.ts'
import { ASK_AGAIN_MS } from './line-times.ts'
import { LineWait } from './line-wait.ts'
import { HIGH_KEPT_MS, hadItsTurn, isOutlived, type OpenSession } from './open-session.ts'
import { Refusals } from './refusals.ts'
import { Riding } from './riding.ts'
import type { Neighbour, Place } from './socket-turns.ts'

export class RelayLine implements Neighbour {
  readonly #context: LineContext
  readonly #sessions: LineSessions
  readonly #memory: LineMemory = {
    again: new AtOnce(),
    refusals: new Refusals(),
    riding: new Riding(),
  }
  readonly #lease: LineLease
  readonly #pace = new LinePace()
  readonly #wait: LineWait
  readonly #place: Place
  /** When mail of high priority was last carried. */
  #highAt = Number.NEGATIVE_INFINITY

  constructor(context: LineContext) {
    this.#context = context
    this.#wait = new LineWait(context, () => this.wake())
    this.#lease = new LineLease(context, () => this.#wait.wakeWaiting())
    this.#place = context.turns.join(this)
    this.#sessions = new LineSessions(context, {
      lease: this.#lease,
      pace: this.#pace,
      wait: this.#wait,
      place: this.#place,
      again: this.#memory.again,
      wake: () => this.wake(),
    })
  }

  /** Mail is due, or something that stood in its way is gone. Never awaited. */
  wake(): void {
    for (const open of this.#sessions) if (open.busy === 0) this.#next(open)
    // One of them renews the lease first.
    if (this.#isPaced() || (this.#sessions.size > 0 && !this.#lease.current)) return
    if (this.#wantsAnother()) this.#sessions.open()
    this.#loadAhead()
  }

  /** Forgets lease and waiting times: the relay's configuration changed or an operator asked for it. */
  reset(): void {
    this.#wait.reset()
    this.#lease.forget()
    this.#pace.reset()
    this.#memory.riding.reset()
  }

  get wantsSocket(): boolean {
    const { store, clock, relay } = this.#context
    const now = clock.now()
    return (
      this.#sessions.size === 0 &&
      !this.#sessions.opening &&
      Math.max(this.#wait.until, this.#pace.readyAt()) <= now &&
      store.hasDue(relay, now, false)
    )
  }

  get leaving(): number {
    return this.#sessions.leaving
  }

  get busy(): boolean {
    return this.#sessions.opening || this.#sessions.size > 0
  }

  closeIdle(): boolean {
    const idle = [...this.#sessions].find(({ busy }) => busy === 0)
    if (idle) this.#sessions.drop(idle)
    return idle !== undefined
  }

  /**
   * One session of a relay is kept for mail of high priority, where it may have more than one now and had such mail lately.
   * Without it the wait of the first such mail is at most one transaction.
   */
  #onlyHigh(): boolean {
    if (this.#context.clock.now() - this.#highAt > HIGH_KEPT_MS) return false
    const most = this.#pace.sessions(this.#lease.maxSessions)
    let busy = 0
    for (const open of this.#sessions) if (open.busy > 0) busy += 1
    return most > 1 && busy >= most - 1
  }

  #wantsAnother(): boolean {
    const { store, clock, relay } = this.#context
    const open = this.#sessions.size + this.#sessions.leaving
    if (this.#sessions.opening || open >= this.#pace.sessions(this.#lease.maxSessions)) return false
    return store.hasDue(relay, clock.now(), this.#sessions.size > 0 && this.#onlyHigh())
  }

  /** What no other session is there for rides behind what is under way. */
  #loadAhead(): void {
    const now = this.#context.clock.now()
    const takers = [...this.#sessions].filter(
      (open) => open.busy > 0 && open.session.takesAhead && !this.#mustGo(open, now),
    )
    if (takers.length === 0 || !this.#memory.riding.allowed(now)) return
    for (const open of takers) {
      if (!this.#lease.current || this.#isPaced() || !this.#take(open, now, false)) return
    }
    this.#loadAhead()
  }

  /** The next message has to wait; its time wakes the line. */
  #isPaced(): boolean {
    const at = this.#pace.readyAt()
    if (at <= this.#context.clock.now()) return false
    if (this.#lease.spillsOver) this.#wait.spill(this.#pace.resumesAt)
    this.#wait.wakeAt(at)
    return true
  }

  #next(open: OpenSession): void {
    clearTimeout(open.idle)
    const now = this.#context.clock.now()
    if (!open.session.usable) {
      if (open.session.transactions === 0) this.#wait.hold(now + ASK_AGAIN_MS)
      this.#sessions.drop(open)
    } else if (this.#mustGo(open, now)) this.#sessions.drop(open)
    else if (!this.#isPaced() && this.#use(open, now)) return
    else if (open.session.transactions > 0 && this.#place.othersWait) this.#sessions.drop(open)
    else
      open.idle = setTimeout(() => this.#sessions.drop(open), this.#context.settings.sessionIdleMs)
  }

  /** Beside its own time: another shard or another relay got a share meanwhile. */
  #mustGo(open: OpenSession, now: number): boolean | undefined {
    const lease = this.#lease.current
    return (
      this.#sessions.size > this.#pace.sessions(this.#sessions.size) ||
      (lease && (this.#sessions.size > lease.sessions || isOutlived(open, lease, now))) ||
      (hadItsTurn(open, now) && this.#place.othersWait)
    )
  }

  /** Carries the next copy, under a new lease where that has to be; false where nothing is due for this session. */
  #use(open: OpenSession, now: number): boolean {
    if (this.#lease.current) return this.#take(open, now, this.#onlyHigh())
    const { store, relay } = this.#context
    if (!store.hasDue(relay, now, false)) return false
    open.busy += 1
    void this.#renew(open)
    return true
  }

  #take(open: OpenSession, now: number, onlyHigh: boolean): boolean {
    const { store, relay } = this.#context
    const lease = this.#lease.current
    const delivery = lease && store.take(relay, now, onlyHigh)
    // A take passes over a bounded number of copies whose time is over.
    if (!delivery && store.hasDue(relay, now, onlyHigh)) this.#wait.wakeAt(now)
    if (!delivery) return false
    if (delivery.high) this.#highAt = now
    open.busy += 1
    this.#lease.began()
    this.#pace.began(lease.per_second, now)
    void carry(this.#context, this.#memory, lease.relay, open, delivery).then(
      (end) => this.#carried(open, end),
      (error) => this.#fail(open, error),
    )
    return true
  }

  #carried(open: OpenSession, end: CarryEnd): void {
    const { reports, relayed, judged, handedOver, slowedBy, fellSilent } = end
    if (fellSilent) this.#pace.restart()
    if (!handedOver) this.#lease.undone()
    if (slowedBy !== null)
      this.#pace.refused(slowedBy, this.#sessions.size, this.#context.clock.now())
    if (relayed) this.#pace.relayed(this.#lease.lastMaxSessions)
    else if (judged) this.#pace.judged(this.#lease.lastMaxSessions)
    if (reports.every(({ kind }) => kind === 'relayed')) {
      if (reports.length > 0) this.#lease.tellRelayed()
      this.#free(open)
      return
    }
    // What the gate hears here decides which route is tried next and whether the relay pauses.
    this.#lease.forget()
    void this.#lease.report(reports).then(
      () => this.#free(open),
      (error) => this.#fail(open, error),
    )
  }

  #free(open: OpenSession): void {
    open.busy -= 1
    this.wake()
  }

  #tell(error: unknown): void {
    const { relay, logLine } = this.#context
    logLine({ type: 'pump.error', relay, error: describeError(error) })
  }

  #fail(open: OpenSession, error: unknown): void {
    this.#tell(error)
    this.#sessions.drop(open)
    this.wake()
  }

  async #renew(open: OpenSession): Promise<void> {
    try {
      const held = this.#sessions.held
      const answer = await this.#lease.ask(held - this.#sessions.leaving, held)
      if (!answer.ok) this.#wait.refused(answer)
    } catch (error) {
      // The gate cannot be reached: the session ends, none is opened until it can.
      this.#tell(error)
      this.#lease.forget()
    }
    open.busy -= 1
    if (!this.#lease.current) this.#sessions.drop(open)
    this.wake()
  }
}
