/**
 * The pump: moves due mail to its relays. Awaited neither by acceptance nor by `alarm()`; it only ever wakes its lines.
 */

import { describeError } from '../domain/describe-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { MessageStore } from '../ports/message-store.ts'
import type { LineContext } from './line-context.ts'
import { RelayLine } from './relay-line.ts'
import { SocketTurns } from './socket-turns.ts'

/** How soon the alarm looks again while sessions are busy: only a new life of the object needs it. */
const BUSY_ALARM_MS = 30_000
/** The same with mail that is due behind them: so long it waits after a crash. */
const DUE_ALARM_MS = 5000
/** Sockets that carry nothing and that nobody can close are given up after so many times what a dial may take. */
const STUCK_DIALS = 6
/** Mail is due and no session works on any: something stands in its way. */
const IDLE_ALARM_MS = 1000

export type LineParts = Omit<LineContext, 'relay' | 'turns' | 'gate' | 'wakeRelay'>

export interface PumpContext extends LineParts {
  /** Sets the object's one alarm; null leaves it off. */
  arm(at: number | null): void
  /** Ends this life of the object, and with it every socket. */
  restart(reason: string): void
}

export class Pump {
  readonly #context: PumpContext
  readonly #lines = new Map<string, RelayLine>()
  readonly #turns: SocketTurns
  /** The last recovery of a relay that its mail here was woken for. */
  readonly #recoveries = new Map<string, number>()
  readonly #store: MessageStore
  readonly #clock: Clock

  constructor(context: PumpContext) {
    this.#context = context
    this.#store = context.store
    this.#clock = context.clock
    this.#turns = new SocketTurns(context.clock)
  }

  /** Wakes the lines of all relays with due mail and arms the alarm for what is due later. */
  wake(): void {
    for (const relay of this.#store.dueRelays(this.#clock.now())) this.#line(relay).wake()
    this.#turns.makeRoom()
    this.arm()
    const { settings, restart } = this.#context
    if (this.#turns.stuckMs() > STUCK_DIALS * settings.deadlines.connect)
      restart('every socket is held by a handshake that stalls')
  }

  /** A relay that another shard, or an earlier life of this one, found to be back: what waited for it is due. */
  async lookForRecovered(): Promise<void> {
    const { gateOf, logLine } = this.#context
    const look = async (relay: string) => {
      const { recovered_at } = await gateOf(relay).health()
      if (recovered_at === null || this.#recoveries.get(relay) === recovered_at) return
      this.#recoveries.set(relay, recovered_at)
      this.#store.wakeUnreached(relay, this.#clock.now())
    }
    const tell = (relay: string) => (error: unknown) =>
      logLine({ type: 'pump.error', relay, error: describeError(error) })
    await Promise.all(this.#store.waitingRelays().map((one) => look(one).catch(tell(one))))
    this.wake()
  }

  /** Mail for these relays was just accepted. */
  wakeRelays(relays: Iterable<string>): void {
    for (const relay of relays) this.#line(relay).wake()
    this.#turns.makeRoom()
    this.arm()
  }

  /** The relay's configuration changed, or an operator wants its mail tried now. */
  reset(relay: string | null): void {
    for (const [name, line] of this.#lines) if (relay === null || relay === name) line.reset()
  }

  arm(): void {
    const now = this.#clock.now()
    const busy = [...this.#lines.values()].some((line) => line.busy)
    const due = this.#store.nextDue()
    const soonest = busy ? now + BUSY_ALARM_MS : null
    // What is due already waits for a socket or a relay, not for a clock: look again, but not in a circle.
    const next = due === null ? null : due > now ? due : now + (busy ? DUE_ALARM_MS : IDLE_ALARM_MS)
    const times = [soonest, next].filter((at) => at !== null)
    this.#context.arm(times.length > 0 ? Math.min(...times) : null)
  }

  #line(relay: string): RelayLine {
    const known = this.#lines.get(relay)
    if (known) return known
    const line = new RelayLine({
      ...this.#context,
      relay,
      gate: this.#context.gateOf(relay),
      turns: this.#turns,
      wakeRelay: (name) => this.wakeRelays([name]),
    })
    this.#lines.set(relay, line)
    return line
  }
}
