/** What holds a line back, until when, and what its due mail is told meanwhile. */

import { mayTryNextRelay } from '../domain/disposition.ts'
import type { LeaseAnswer, Onward } from '../ports/relay-gate.ts'
import type { ClimbEnd, FailedClimb } from './climb.ts'
import type { LineContext } from './line-context.ts'
import { ASK_AGAIN_MS, OPERATOR_WAIT_MS, PROBE_AFTER_MS } from './line-times.ts'
import { PutOff } from './put-off.ts'

export class LineWait {
  readonly #context: LineContext
  readonly #wake: () => void
  readonly #putOff: PutOff
  #until = 0
  /** The last climb found no way, or the gate let none begin: the first that does wakes what waits. */
  #unreached = false
  /** What mail that comes meanwhile is told. */
  #code = 'relay.unreachable'
  #onward: Onward | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(context: LineContext, wake: () => void) {
    this.#context = context
    this.#wake = wake
    this.#putOff = new PutOff(context)
  }

  get until(): number {
    return this.#until
  }

  get unreached(): boolean {
    return this.#unreached
  }

  /** A short wait ends by itself; a longer one with the alarm. */
  hold(at: number): void {
    this.#until = at
    if (at - this.#context.clock.now() <= ASK_AGAIN_MS) this.wakeAt(at)
  }

  /** The gate gives no lease. */
  refused({ reason, retry_at, onward }: LeaseAnswer & { ok: false }): void {
    this.suspend(reason, retry_at, onward)
  }

  /** Dials of an earlier climb hang. */
  stalled(): void {
    this.suspend('relay.unreachable', this.#context.clock.now() + PROBE_AFTER_MS, 'any')
  }

  mayNotLogIn({ code, retryAt }: ClimbEnd & { kind: 'suspended' }): void {
    this.suspend(code, retryAt, 'other_account')
  }

  /** Due mail goes on, where it may, or waits, marked so, until the gate lets it go. */
  suspend(code: string, retryAt: number | null, onward?: Onward): void {
    const now = this.#context.clock.now()
    this.hold(Math.max(now + 1, retryAt ?? now + PROBE_AFTER_MS))
    if (code === 'relay.busy') return
    this.#unreached = true
    this.#code = code
    this.#onward = onward
    this.#putOffUntil(Math.max(now + 1, retryAt ?? now + OPERATOR_WAIT_MS))
  }

  /** No route worked: new mail makes it be tried again, but not at once. */
  failed({ disposition }: FailedClimb): void {
    const { clock, settings } = this.#context
    this.#unreached = true
    this.#code = codeOf(disposition)
    this.#onward = onwardOf(disposition)
    this.#until =
      clock.now() + Math.min(PROBE_AFTER_MS, settings.retryScheduleMs[0] ?? PROBE_AFTER_MS)
  }

  reached(): void {
    if (this.#unreached) this.wakeWaiting()
    this.#unreached = false
  }

  reset(): void {
    this.#until = 0
  }

  /** Mail that came due meanwhile waits with the rest. */
  putOff(): void {
    if (this.#unreached) this.#putOffUntil(this.#until)
  }

  /** Until something changes: then what is left may be tried. */
  #putOffUntil(until: number): void {
    const held = this.#until
    const code = this.#code
    const goesOn = () => this.#until === held && held > this.#context.clock.now()
    const unreachable = code !== 'relay.paused'
    this.#putOff.begin({ until, code, unreachable }, this.#onward, goesOn)
  }

  /** The relay wants a rest until then: whatever another one may carry doesn't wait for it. */
  spill(until: number): void {
    const { clock } = this.#context
    const isResting = () => until > clock.now()
    if (!isResting()) return
    this.#putOff.begin({ until, code: 'relay_busy', unreachable: false }, 'any', isResting)
  }

  /** What waited only because the relay could not be reached is due. */
  wakeWaiting(): void {
    const { store, relay, clock } = this.#context
    store.wakeUnreached(relay, clock.now())
  }

  wakeAt(at: number): void {
    if (this.#timerAt <= at) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    const ms = Math.max(0, Math.ceil(at - this.#context.clock.now()))
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.#wake()
    }, ms)
  }
}

function codeOf({ credential, row }: FailedClimb['disposition']): string {
  if (credential === undefined) return 'relay.unreachable'
  return row.startsWith('oauth') ? 'relay.oauth' : 'relay.auth'
}

function onwardOf(disposition: FailedClimb['disposition']): Onward | undefined {
  if (disposition.next_relay === 'other_account') return 'other_account'
  return mayTryNextRelay(disposition, false) ? 'any' : undefined
}
