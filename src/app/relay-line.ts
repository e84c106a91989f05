/**
 * One relay's line in the pump: its lease, its warm sessions, and the mail that is due for it.
 * Sessions are opened one climb at a time and kept while there is mail; each carries one copy after another.
 */

import type { GateReport, Lease } from '../ports/relay-gate.ts'
import { carry, type LineMemory } from './carry.ts'
import { climbOnce } from './climb.ts'
import type { LineContext } from './line-context.ts'
import { ASK_AGAIN_MS, OPERATOR_WAIT_MS, PROBE_AFTER_MS } from './line-times.ts'
import { HIGH_KEPT_MS, hadItsTurn, isOutlived, type OpenSession } from './open-session.ts'
import { PutOff } from './put-off.ts'
import { Refusals } from './refusals.ts'
import type { TakenSocket } from './socket-budget.ts'
import { settleUnreachable } from './unreachable.ts'

export class RelayLine {
  readonly #context: LineContext
  readonly #waiting: PutOff
  readonly #sessions = new Set<OpenSession>()
  readonly #memory: LineMemory = { again: new Map(), refusals: new Refusals() }
  #lease: Lease | undefined
  #earlier: Lease | undefined
  /** The last climb found no way: the first that does wakes what waits. */
  #unreached = false
  #toldRelayed = false
  /** Sockets taken and not yet let go, those of sessions among them. */
  #sockets = 0
  /** When mail of high priority was last carried. */
  #highAt = Number.NEGATIVE_INFINITY
  #opening = false
  /** Until then nothing is opened: the relay could not be reached, or the gate said wait. */
  #heldUntil = 0

  constructor(context: LineContext) {
    this.#context = context
    this.#waiting = new PutOff(context)
  }

  /** Mail is due, or something that stood in its way is gone. Never awaited. */
  wake(): void {
    for (const open of this.#sessions) if (!open.busy) this.#next(open)
    const { store, clock, relay } = this.#context
    if (this.#opening) return
    if (this.#sessions.size >= (this.#lease?.relay.max_sessions ?? 1)) return
    const onlyHigh = this.#sessions.size > 0 && this.#onlyHigh()
    if (store.hasDue(relay, clock.now(), onlyHigh)) void this.#open()
  }

  /** Forgets lease and waiting times: the relay's configuration changed or an operator asked for it. */
  reset(): void {
    this.#heldUntil = 0
    this.#lease = undefined
  }

  /** Wants a socket: due mail, no session, nothing that holds it back. */
  get starving(): boolean {
    const { store, clock, relay } = this.#context
    const now = clock.now()
    return (
      this.#sessions.size === 0 &&
      !this.#opening &&
      this.#heldUntil <= now &&
      store.hasDue(relay, now, false)
    )
  }

  get busy(): boolean {
    return this.#opening || this.#sessions.size > 0
  }

  /** Closes one idle session to make room for another relay; false where there is none. */
  closeIdle(): boolean {
    const idle = [...this.#sessions].find(({ busy }) => !busy)
    if (idle) this.#drop(idle)
    return idle !== undefined
  }

  /**
   * One session of a relay is kept for mail of high priority, where it may have more than one and had such mail lately.
   * Without it the wait of the first such mail is at most one transaction.
   */
  #onlyHigh(): boolean {
    if (this.#context.clock.now() - this.#highAt > HIGH_KEPT_MS) return false
    const most = this.#lease?.relay.max_sessions ?? 1
    let busy = 0
    for (const open of this.#sessions) if (open.busy) busy += 1
    return most > 1 && busy >= most - 1
  }

  #next(open: OpenSession): void {
    clearTimeout(open.idle)
    const { store, clock, relay, settings, othersStarve } = this.#context
    const now = clock.now()
    if (!open.session.usable) {
      if (open.session.transactions === 0) this.#holdUntil(now + ASK_AGAIN_MS)
      this.#drop(open)
      return
    }
    if (!this.#lease || this.#lease.until <= now) {
      if (store.hasDue(relay, now, false)) {
        open.busy = true
        void this.#renew(open)
        return
      }
    } else {
      const mayGoOn =
        !isOutlived(open, this.#lease, now) && !(hadItsTurn(open, now) && othersStarve())
      if (mayGoOn && this.#carryNext(open, this.#lease, now)) return
      if (!mayGoOn || (open.session.transactions > 0 && othersStarve())) {
        this.#drop(open)
        return
      }
    }
    open.idle = setTimeout(() => this.#drop(open), settings.sessionIdle)
  }

  /** False where nothing is due for this session. */
  #carryNext(open: OpenSession, lease: Lease, now: number): boolean {
    const { store, relay } = this.#context
    const onlyHigh = this.#onlyHigh()
    const delivery = store.take(relay, now, onlyHigh)
    // A take passes over a bounded number of copies whose time is over.
    if (!delivery && store.hasDue(relay, now, onlyHigh)) setTimeout(() => this.wake(), 0)
    if (!delivery) return false
    if (delivery.high) this.#highAt = now
    open.busy = true
    void carry(this.#context, this.#memory, lease.relay, open, delivery).then(
      (reports) => this.#carried(open, reports),
      (error) => this.#fail(open, error),
    )
    return true
  }

  #carried(open: OpenSession, reports: GateReport[]): void {
    if (reports.every(({ kind }) => kind === 'relayed')) {
      if (reports.length > 0) this.#tellRelayed()
      this.#free(open)
      return
    }
    // What the gate hears here decides which route is tried next and whether the relay pauses.
    this.#lease = undefined
    void this.#report(reports).then(
      () => this.#free(open),
      (error) => this.#fail(open, error),
    )
  }

  #free(open: OpenSession): void {
    open.busy = false
    this.wake()
  }

  #fail(open: OpenSession, error: unknown): void {
    this.#context.logLine({ type: 'pump.error', relay: this.#context.relay, error: String(error) })
    this.#drop(open)
    this.wake()
  }

  async #renew(open: OpenSession): Promise<void> {
    try {
      const answer = await this.#context.gate.lease(this.#request(this.#sessions.size))
      if (answer.ok) this.#hold(answer.lease)
      else this.#suspend(answer.reason, answer.retry_at)
    } catch {
      // The gate cannot be reached: the session ends, none is opened until it can.
      this.#lease = undefined
    }
    const lease = this.#lease
    const now = this.#context.clock.now()
    // Another shard got its share meanwhile: what is held beyond the lease goes.
    if (!lease || lease.until <= now || this.#sessions.size > lease.sessions) {
      this.#drop(open)
      this.wake()
    } else this.#free(open)
  }

  #drop(open: OpenSession): void {
    clearTimeout(open.idle)
    if (!this.#sessions.delete(open)) return
    void open.session.close().finally(() => {
      if (this.busy) return
      const { gate, shard, incarnation } = this.#context
      gate.release({ shard, incarnation }).catch(() => undefined)
    })
  }

  /** Once per lease is enough for the gate to know that the relay works. */
  #tellRelayed(): void {
    if (this.#toldRelayed) return
    this.#toldRelayed = true
    void this.#report([{ kind: 'relayed' }]).catch(() => {
      this.#toldRelayed = false
    })
  }

  /** A relay that recovered, here or as another shard told the gate, wakes what waits for it. */
  #hold(lease: Lease): void {
    const { store, relay, clock } = this.#context
    const before = this.#lease ?? this.#earlier
    if (before && before.recovered_at !== lease.recovered_at)
      store.wakeUnreached(relay, clock.now())
    this.#lease = lease
    this.#earlier = lease
    this.#toldRelayed = false
  }

  #request(sessions: number) {
    const { shard, incarnation } = this.#context
    return { shard, incarnation, sessions, climbs: sessions > this.#sessions.size }
  }

  /** Due mail waits, marked so, until the gate lets it go. */
  #suspend(code: string, retryAt: number | null): void {
    const now = this.#context.clock.now()
    this.#holdUntil(Math.max(now + 1, retryAt ?? now + PROBE_AFTER_MS))
    if (code === 'relay.busy') return
    this.#lease = undefined
    this.#unreached = true
    this.#putOff(code, Math.max(now + 1, retryAt ?? now + OPERATOR_WAIT_MS))
  }

  /** A short wait ends by itself; a longer one with the alarm. */
  #holdUntil(at: number): void {
    this.#heldUntil = at
    const ms = at - this.#context.clock.now()
    if (ms <= ASK_AGAIN_MS) setTimeout(() => this.wake(), ms + 1)
  }

  /** Until something changes: then what is left may be tried. */
  #putOff(code: string, until: number): void {
    const held = this.#heldUntil
    const goesOn = () => this.#heldUntil === held && held > this.#context.clock.now()
    this.#waiting.begin({ until, code, unreachable: code !== 'relay.paused' }, goesOn)
  }

  async #open(): Promise<void> {
    const { store, clock, gate, relay, settings, logLine } = this.#context
    if (this.#heldUntil > clock.now()) {
      if (this.#unreached) this.#putOff('relay.unreachable', this.#heldUntil)
      return
    }
    if (this.#unreached && this.#sockets > this.#sessions.size) {
      return this.#suspend('relay.unreachable', clock.now() + PROBE_AFTER_MS)
    }
    if (this.#context.budget.free === 0) return
    this.#opening = true
    try {
      const answer = await gate.lease(this.#request(this.#sessions.size + 1))
      if (!answer.ok) return this.#suspend(answer.reason, answer.retry_at)
      this.#hold(answer.lease)
      if (answer.lease.sessions <= this.#sessions.size) {
        // Other shards hold the rest: asked again at the pace of leases, not in a circle.
        this.#holdUntil(clock.now() + ASK_AGAIN_MS)
        return
      }
      const end = await climbOnce(this.#context, answer.lease, () => this.#takeSocket())
      if (end.kind === 'open') this.#sessions.add(end.open)
      await this.#report(end.reports)
      if (end.kind === 'open') {
        if (this.#unreached) store.wakeUnreached(relay, clock.now())
        this.#unreached = false
        return
      }
      if (end.kind === 'suspended') return this.#suspend(end.code, end.retryAt)
      this.#unreached = true
      this.#heldUntil =
        clock.now() + Math.min(PROBE_AFTER_MS, settings.retrySchedule[0] ?? PROBE_AFTER_MS)
      await settleUnreachable(this.#context, answer.lease.relay, end.failed)
    } catch (error) {
      logLine({ type: 'pump.error', relay, error: String(error) })
      this.#heldUntil = clock.now() + PROBE_AFTER_MS
    } finally {
      this.#opening = false
      this.wake()
    }
  }

  /** Beside its first socket a relay leaves one free for another: dials and handshakes that stall can't be closed. */
  #takeSocket(): TakenSocket | undefined {
    const { budget } = this.#context
    if (this.#sockets > 0 && budget.free < 2) return undefined
    const taken = budget.take()
    if (!taken) return undefined
    this.#sockets += 1
    return {
      release: () => {
        this.#sockets -= 1
        taken.release()
      },
    }
  }

  async #report(reports: GateReport[]): Promise<void> {
    if (reports.length === 0) return
    const { gate, shard, incarnation, logLine } = this.#context
    for (const event of await gate.report({ shard, incarnation, reports })) logLine({ ...event })
  }
}
