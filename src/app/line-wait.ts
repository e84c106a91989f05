/** What holds a line back, until when, and what its due mail is told meanwhile. */

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

  /** Due mail waits, marked so, until the gate lets it go. */
  suspend(code: string, retryAt: number | null): void {
    const now = this.#context.clock.now()
    this.hold(Math.max(now + 1, retryAt ?? now + PROBE_AFTER_MS))
    if (code === 'relay.busy') return
    this.#unreached = true
    this.#code = code
    this.#putOffUntil(Math.max(now + 1, retryAt ?? now + OPERATOR_WAIT_MS))
  }

  /** No route worked: new mail makes it be tried again, but not at once. */
  failed(): void {
    const { clock, settings } = this.#context
    this.#unreached = true
    this.#code = 'relay.unreachable'
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
    this.#putOff.begin({ until, code, unreachable: code !== 'relay.paused' }, goesOn)
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
