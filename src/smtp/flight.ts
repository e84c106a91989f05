/** The replies to an envelope, whose commands went out together or go each when its turn comes. */

import { isPositive, isTooMany, type Reply } from '../domain/reply.ts'
import type { Deadlines } from '../domain/settings.ts'
import type { Command } from './commands.ts'
import type { Dialogue, Script } from './dialogue.ts'
import { refusal } from './establish.ts'
import { type FullReply, toReply } from './reply-parser.ts'
import { SessionFailure } from './session-failure.ts'
import type { Progress } from './transaction.ts'

/** For what a live relay answers at once. */
export function quick({ command, connect }: Deadlines): number {
  return Math.min(command, connect)
}

export interface Receiver {
  address: string
  command: Command
}

export class Flight {
  readonly #d: Dialogue
  readonly #pipelining: boolean
  readonly #deadlines: Deadlines
  readonly #whole: boolean

  constructor(d: Dialogue, pipelining: boolean, deadlines: Deadlines, whole: boolean) {
    this.#d = d
    this.#pipelining = pipelining
    this.#deadlines = deadlines
    this.#whole = whole
  }

  *ask(
    command: Command,
    step: 'rset' | 'mail' | 'data',
    ms = this.#deadlines.command,
  ): Script<FullReply> {
    if (!this.#pipelining) this.#d.command(command)
    return yield* this.#d.reply(step, ms)
  }

  /** Reads a reply for each; answers whether anybody is to get the message. One record covers them all. */
  *recipients(receivers: readonly Receiver[], progress: Progress): Script<boolean> {
    const askedFor = new Map(progress.recipients.map((one) => [one.address, one]))
    let accepted = 0
    let shown: Reply | undefined
    for (const { address, command } of receivers) {
      if (!this.#pipelining) this.#d.command(command)
      const full = yield* this.#d.bareReply('rcpt', this.#deadlines.command)
      const reply = toReply(full)
      const recipient = askedFor.get(address)
      if (full.code < 400 && !isPositive(full)) throw refusal('rcpt', full)
      if (full.code === 421 || full.code === 503) {
        this.#d.record('rcpt', reply)
        throw refusal('rcpt', full)
      }
      if (recipient) recipient.reply = reply
      if (isPositive(full)) accepted++
      // Only after somebody was accepted: so a new transaction always gets further.
      else if (accepted > 0 && isTooMany(reply)) progress.tooMany.push(address)
      if (!shown || (shown.code < 300 && full.code >= 400)) shown = reply
    }
    this.#d.record('rcpt', shown)
    return accepted > 0
  }

  /** Reads what only follows from a refusal: never a verdict, and no failure either. */
  *drain(receivers: number): Script<void> {
    if (!this.#pipelining) return
    const d = this.#d
    const ms = quick(this.#deadlines)
    try {
      let taken = false
      for (let i = 0; i < receivers; i++) {
        taken = isPositive(yield* d.bareReply('rcpt', ms)) || taken
      }
      if (this.#whole) return yield* this.#ignoredEnd(ms)
      const data = yield* d.bareReply('data', ms)
      if (data.code !== 354) {
        if (data.code === 421) d.kill()
        return
      }
      // Somebody might get the empty message: rather close than send it.
      if (taken) return d.kill()
      // RFC 2920 §3.1.
      d.content('.\r\n')
      yield* d.bareReply('data_end', ms)
    } catch (error) {
      if (!(error instanceof SessionFailure) || error.failure.detail === TAKEN) throw error
    }
  }

  *#ignoredEnd(ms: number): Script<void> {
    const end = yield* this.#d.bareReply('data_end', ms)
    if (end.code === 421) this.#d.kill()
    if (!isPositive(end)) return
    throw new SessionFailure({ step: 'data_end', cause: 'protocol', detail: TAKEN })
  }
}

/** The relay took a message whose sender or recipients it had refused: nobody knows what it does with it. */
const TAKEN = 'taken_though_refused'
