/** What a line holds of its gate: the lease, what is left of it, and what the gate has still to hear. */

import type { GateReport, Lease, LeaseAnswer } from '../ports/relay-gate.ts'
import type { LineContext } from './line-context.ts'

export class LineLease {
  readonly #context: LineContext
  readonly #onRecovered: () => void
  #lease: Lease | undefined
  #earlier: Lease | undefined
  /** Messages handed over that the gate has not confirmed. */
  #carried = 0
  #last: Promise<unknown> = Promise.resolve()
  #toldRelayed = false

  /** `onRecovered`: an alarm of the relay ended, here or as another shard told the gate. */
  constructor(context: LineContext, onRecovered: () => void) {
    this.#context = context
    this.#onRecovered = onRecovered
  }

  /** The lease, as long as it allows another message. */
  get current(): Lease | undefined {
    const lease = this.#lease
    if (!lease || lease.until <= this.#context.clock.now()) return undefined
    return lease.messages === null || this.#carried < lease.messages ? lease : undefined
  }

  get maxSessions(): number {
    return this.#lease?.relay.max_sessions ?? 1
  }

  /** As it was told last: also while there is no lease. */
  get lastMaxSessions(): number {
    return this.#earlier?.relay.max_sessions ?? 1
  }

  /** As far as it was told last. */
  get spillsOver(): boolean {
    return this.#earlier?.relay.spill_over ?? false
  }

  /** The next message waits for a new one: the configuration changed, or the gate has to say how to go on. */
  forget(): void {
    this.#lease = undefined
  }

  /** Asks for so many sessions, some of which are `held`; rejects where the gate cannot be reached. */
  ask(sessions: number, held: number): Promise<LeaseAnswer> {
    const { gate, logLine } = this.#context
    const climbs = sessions > held
    return this.#inTurn(async (who) => {
      const carried = this.#carried
      const answer = await gate.lease({ ...who, sessions, held, climbs, carried })
      this.#carried -= carried
      if (answer.ok) this.#hold(answer.lease)
      else this.#lease = undefined
      if (!answer.ok) for (const event of answer.events ?? []) logLine({ ...event })
      return answer
    })
  }

  /** A session is closed, so many are still `held`. With none left the lease goes. */
  giveBack(held: () => number): void {
    void this.#inTurn(async (who) => {
      const left = held()
      const carried = left === 0 ? this.#carried : 0
      if (left === 0) this.#lease = undefined
      await this.#context.gate.release({ ...who, held: left, carried })
      this.#carried -= carried
    }).catch(() => undefined)
  }

  /** A message is about to be handed over; `undone` where the relay got none of it. */
  began(): void {
    this.#carried += 1
  }

  undone(): void {
    this.#carried -= 1
  }

  /** Once per lease is enough for the gate to know that the relay works. */
  tellRelayed(): void {
    if (this.#toldRelayed) return
    this.#toldRelayed = true
    void this.report([{ kind: 'relayed' }]).catch(() => {
      this.#toldRelayed = false
    })
  }

  async report(reports: GateReport[]): Promise<void> {
    if (reports.length === 0) return
    const { gate, shard, incarnation, logLine } = this.#context
    for (const event of await gate.report({ shard, incarnation, reports })) logLine({ ...event })
  }

  /** One call after another: what the gate says of a lease is never older than what it said before. */
  #inTurn<T>(call: (who: { shard: string; incarnation: string }) => Promise<T>): Promise<T> {
    const { shard, incarnation } = this.#context
    const answer = this.#last.then(() => call({ shard, incarnation }))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  #hold(lease: Lease): void {
    const before = this.#earlier
    this.#lease = lease
    this.#earlier = lease
    this.#toldRelayed = false
    if (before && before.recovered_at !== lease.recovered_at) this.#onRecovered()
  }
}
