/**
 * The transactions of a session, one behind the other, each said as early as the relay can take it. With PIPELINING the
 * envelope of the next rides with the last octets of the one before (RFC 2920 §3.1). With CHUNKING a small message goes
 * in one flight, envelope and content (RFC 3030 §4.2), up to `depth` of them unanswered.
 */

import type { StepRecord } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import type { Deadlines } from '../domain/settings.ts'
import { CommandError } from './commands.ts'
import type { Dialogue, Script } from './dialogue.ts'
import { DotStuffer } from './dot-stuffing.ts'
import type { Extensions } from './extensions.ts'
import { SessionFailure } from './session-failure.ts'
import {
  carry,
  type Progress,
  say,
  type TransactionContext,
  type Turn,
  unfit,
} from './transaction.ts'

const MIB = 1024 * 1024

/** What goes in one flight is on its way before the relay has agreed to any of it. */
const WHOLE_OCTETS = 64 * 1024

export interface Carried extends Progress {
  steps: StepRecord[]
  failure?: Failure
  /** It rode behind another one, and the session ended before anything of it was answered. */
  unbegun?: true
}

export type Handed = Pick<Turn, 'envelope' | 'whole' | 'plain'>

interface Waiting extends Turn {
  done(result: Carried): void
}

type Run = (
  now: number,
  script: Script<void>,
  done: (steps: StepRecord[], failure: Failure | undefined) => void,
) => void

export class Carriage {
  /** Handed over so far. */
  transactions = 0
  extensions: Extensions | undefined
  readonly #dialogue: Dialogue
  readonly #deadlines: Deadlines
  readonly #depth: number
  readonly #run: Run
  /** The first is under way. */
  readonly #turns: Waiting[] = []
  #reused = false
  #plainMail = false
  #stuffer = new DotStuffer()

  constructor(dialogue: Dialogue, deadlines: Deadlines, depth: number, run: Run) {
    this.#dialogue = dialogue
    this.#deadlines = deadlines
    this.#depth = depth
    this.#run = run
  }

  get usable(): boolean {
    return this.#takes && this.#dialogue.waiting === 'idle'
  }

  /** Takes one more while one is under way. */
  get takesAhead(): boolean {
    const turns = this.#turns
    if (!this.#takes || turns.length === 0 || !this.extensions?.pipelining) return false
    return turns.length === 1 || (turns.length < this.#depth && turns.every(({ whole }) => whole))
  }

  get #takes(): boolean {
    const mailMax = this.extensions?.limits.mailMax
    const { proven, dead } = this.#dialogue
    return proven && !dead && !(mailMax !== undefined && this.transactions >= mailMax)
  }

  /** Whether a message of this size may go in one flight with its envelope. */
  takesWhole(size: number): boolean {
    const { chunking, pipelining } = this.extensions ?? {}
    return (
      chunking === true &&
      pipelining === true &&
      size <= WHOLE_OCTETS &&
      this.#turns.length < this.#depth &&
      this.#turns.every(({ whole }) => whole)
    )
  }

  send(now: number, handed: Handed, done: (result: Carried) => void): void {
    const { envelope } = handed
    const { usable, takesAhead } = this
    if (this.#dialogue.waiting !== 'idle' && !takesAhead) {
      throw new Error('a transaction is under way')
    }
    const turn: Waiting = { ...handed, progress: newProgress(envelope), said: 0, done }
    if (!usable && !takesAhead) return void done(this.#notBegun(turn))
    const failure = this.extensions && unfit(envelope, this.extensions)
    if (failure) return void done({ ...turn.progress, steps: [], failure })
    this.transactions++
    this.#turns.push(turn)
    if (takesAhead) this.#sayAhead()
    else this.#begin(now, turn)
  }

  /** Content, stuffed; valid until the next call. The last line ending stays back. */
  content(chunk: Uint8Array, now: number): Uint8Array[] {
    const progress = this.#turns[0]?.progress
    if (!progress || this.#dialogue.waiting !== 'body') return []
    const before = Math.floor(progress.octets / MIB)
    progress.octets += chunk.length
    const begun = Math.floor(progress.octets / MIB) - before
    if (begun > 0) this.#dialogue.extend(now, begun * this.#deadlines.body)
    return this.#stuffer.push(chunk)
  }

  /** Asks whether the message may still go; where not, the session ends. */
  mayEnd(now: number, may: (heard: Progress) => boolean): boolean {
    const progress = this.#ending(now)
    if (!progress) return false
    if (may(progress)) return true
    this.#dialogue.abort(now, 'canceled')
    return false
  }

  /** The end of data and what rides with it, to be written at once; undefined where the relay spoke before its turn. */
  lastOctets(now: number): Uint8Array | undefined {
    const progress = this.#ending(now)
    if (!progress) return undefined
    progress.dotSent = true
    this.#dialogue.contentSent(now, this.#stuffer.end())
    this.#sayAhead()
    return this.#dialogue.takeOutput()
  }

  /** Half a reply to something not yet said can't become the verdict on it. */
  #ending(now: number): Progress | undefined {
    const dialogue = this.#dialogue
    if (dialogue.waiting !== 'body') return undefined
    if (!dialogue.midReply) return this.#turns[0]?.progress
    dialogue.abort(now, 'early_reply', 'protocol')
    return undefined
  }

  #begin(now: number, turn: Waiting): void {
    const dialogue = this.#dialogue
    const context = this.#context(this.#reused, turn)
    this.#reused = true
    this.#stuffer = new DotStuffer()
    const heardBefore = dialogue.replies
    const rode = turn.said > 0
    this.#run(now, carry(dialogue, turn, context), (steps, failure) => {
      if (turn.progress.plain) this.#plainMail = true
      this.#turns.shift()
      // Replies still owed would be taken for answers to the next transaction.
      const owed = this.#turns.reduce((sum, { said }) => sum - said, dialogue.outstanding)
      if ((failure && endsSession(failure)) || owed > 0) dialogue.kill()
      const stale = failure && context.reused && isStale(failure, dialogue.replies - heardBefore)
      if (stale) failure.reused_first = true
      const unbegun = stale && rode && !turn.progress.dotSent
      turn.done({
        ...turn.progress,
        steps,
        ...(failure && { failure }),
        ...(unbegun && { unbegun }),
      })
      this.#goOn()
    })
  }

  #goOn(): void {
    const [next] = this.#turns
    if (!next) return
    if (!this.#dialogue.dead) {
      this.#begin(this.#dialogue.now, next)
      return
    }
    for (const turn of this.#turns.splice(0)) {
      const failure: Failure = { step: 'data_end', cause: 'closed' }
      if (turn.progress.dotSent) turn.done({ ...turn.progress, steps: [], failure })
      else turn.done({ ...this.#notBegun(turn), unbegun: true })
    }
  }

  /** Says what may be said by now: behind a message whose content is still to come, nothing. */
  #sayAhead(): void {
    for (const [i, turn] of [...this.#turns.entries()]) {
      if (i > 0 && turn.said === 0) this.#sayOne(turn)
      if (!turn.progress.dotSent) return
    }
  }

  #sayOne(turn: Waiting): void {
    try {
      say(this.#dialogue, turn, this.#context(true, turn), true)
    } catch (error) {
      // What can't be said, or was canceled, is found again, and told, when its turn comes.
      if (!(error instanceof CommandError || error instanceof SessionFailure)) throw error
    }
  }

  #context(reused: boolean, { plain }: Turn): TransactionContext {
    const { extensions } = this
    if (!extensions) throw new Error('no session')
    const plainMail = plain || this.#plainMail
    return { extensions, deadlines: this.#deadlines, reused, plainMail }
  }

  #notBegun({ progress }: Waiting): Carried {
    const reused = this.transactions > 0 && { reused_first: true as const }
    return { ...progress, steps: [], failure: { step: 'mail', cause: 'closed', ...reused } }
  }
}

function newProgress({ recipients }: Handed['envelope']): Progress {
  return {
    recipients: recipients.map((address) => ({ address })),
    tooMany: [],
    dotSent: false,
    octets: 0,
  }
}

/** After a refusal of a mail the session goes on; after anything else, and after 421 or 503, it doesn't. */
function endsSession({ step, cause, reply }: Failure): boolean {
  if (cause === 'config' || (cause === 'aborted' && step === 'mail')) return false
  return cause !== 'reply' || step === 'body' || step === 'rset' || isLast(reply?.code)
}

function isLast(code: number | undefined): boolean {
  return code === 421 || code === 503
}

/** Nothing of this transaction was answered, except by a goodbye. */
function isStale({ cause, reply }: Failure, replies: number): boolean {
  if (cause === 'reply') return replies === 1 && reply?.code === 421
  return replies === 0 && (cause === 'closed' || cause === 'timeout')
}
