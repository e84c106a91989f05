/**
 * The client's side of an SMTP session (RFC 5321) as a state machine without sockets: fed octets, clock ticks and what
 * happens to the socket, it answers with octets to write, a deadline, and in the end a result. net/ drives it.
 */

import type { Step, StepRecord } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import type { RelayCredential } from '../domain/relay.ts'
import { type AuthOptions, authenticate } from './authenticate.ts'
import { CommandError, QUIT } from './commands.ts'
import { Dialogue, type Script, SessionFailure } from './dialogue.ts'
import { DotStuffer } from './dot-stuffing.ts'
import { type EstablishOptions, establish } from './establish.ts'
import { type Extensions, readExtensions } from './extensions.ts'
import {
  carry,
  type Envelope,
  flightAhead,
  type Progress,
  type TransactionContext,
  unfit,
} from './transaction.ts'

const MIB = 1024 * 1024
const QUIT_MS = 2000

export interface SessionOptions extends EstablishOptions, AuthOptions {}

export interface Established {
  steps: StepRecord[]
  failure?: Failure
}

export interface Carried extends Progress {
  steps: StepRecord[]
  failure?: Failure
  /** It rode behind another one, and the session ended before anything of it was answered. */
  unbegun?: true
}

/** A transaction behind the one under way. */
interface Ahead {
  envelope: Envelope
  done: (result: Carried) => void
  /** Commands of its flight that are on their way; 0 while it has not been said. */
  said: number
}

export class SmtpSession {
  readonly dialogue = new Dialogue()
  extensions: Extensions = readExtensions({ lines: [] })
  authMechanism: string | null = null
  transactions = 0

  readonly #options: SessionOptions
  #context: TransactionContext | undefined
  #reused = false
  #progress: Progress | undefined
  #ahead: Ahead | undefined
  #stuffer = new DotStuffer()

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** Ready for `send`. */
  get usable(): boolean {
    return this.#takes && this.dialogue.waiting === 'idle'
  }

  /** Takes one more transaction while one is under way: its envelope rides with the last octets of that one. */
  get takesAhead(): boolean {
    return this.#takes && this.#progress !== undefined && !this.#ahead && this.extensions.pipelining
  }

  get #takes(): boolean {
    const { dialogue, transactions } = this
    const { mailMax } = this.extensions.limits
    return dialogue.proven && !dialogue.dead && !(mailMax !== undefined && transactions >= mailMax)
  }

  /** Greeting, TLS, EHLO. Calls back once; without a failure TLS is proven. */
  establish(now: number, done: (result: Established) => void): void {
    const script = establish(this.dialogue, this.#options)
    this.#run(now, 'ehlo', script, (steps, extensions, failure) => {
      if (extensions) this.extensions = extensions
      if (failure) this.dialogue.farewell()
      done({ steps, ...(failure && { failure }) })
    })
  }

  /** Logs in; a failure ends the session. */
  authenticate(
    now: number,
    credential: RelayCredential,
    done: (result: Established) => void,
  ): void {
    const { death, dead } = this.dialogue
    if (dead) {
      done({ steps: [], failure: { step: 'auth', cause: 'closed', ...death } })
      return
    }
    const script = authenticate(this.dialogue, this.extensions.auth, credential, this.#options)
    this.#run(now, 'auth', script, (steps, mechanism, failure) => {
      this.authMechanism = mechanism ?? null
      if (failure) this.dialogue.farewell()
      done({ steps, ...(failure && { failure }) })
    })
  }

  /**
   * One transaction. While `dialogue.waiting` is `body` the driver hands the content to `content` and ends it with
   * `lastOctets`; everything else happens by itself. A second one may be handed over where `takesAhead`.
   */
  send(now: number, envelope: Envelope, done: (result: Carried) => void): void {
    const { dialogue, usable, takesAhead } = this
    if (dialogue.waiting !== 'idle' && !takesAhead) throw new Error('a transaction is under way')
    if (!usable && !takesAhead) return void done(this.#notBegun(envelope))
    const refused = unfit(envelope, this.extensions)
    if (refused) return void done({ ...newProgress(envelope), steps: [], failure: refused })
    this.transactions++
    if (takesAhead) {
      this.#ahead = { envelope, done, said: 0 }
      if (this.#progress?.dotSent) this.#sayAhead()
    } else this.#carry(now, { envelope, done, said: 0 })
  }

  #notBegun(envelope: Envelope): Carried {
    const reused = this.transactions > 0 && { reused_first: true as const }
    const failure: Failure = { step: 'mail', cause: 'closed', ...reused }
    return { ...newProgress(envelope), steps: [], failure }
  }

  #carry(now: number, { envelope, done, said }: Ahead): void {
    const { dialogue } = this
    const progress = newProgress(envelope)
    const context = this.#contextOf(this.#reused)
    const reused = context.reused
    this.#reused = true
    this.#progress = progress
    this.#stuffer = new DotStuffer()
    const heardBefore = dialogue.replies
    const script = carry(dialogue, envelope, context, progress, said > 0)
    this.#run(now, 'mail', script, (steps, _, failure) => {
      const next = this.#ahead
      this.#progress = undefined
      this.#ahead = undefined
      // Replies still owed would be taken for answers to the next transaction.
      const owed = dialogue.outstanding - (next?.said ?? 0)
      if ((failure && endsSession(failure)) || owed > 0) dialogue.kill()
      const stale = failure && reused && isStale(failure, dialogue.replies - heardBefore)
      if (stale) failure.reused_first = true
      const unbegun = stale && said > 0
      done({ ...progress, steps, ...(failure && { failure }), ...(unbegun && { unbegun }) })
      if (next && !dialogue.dead) this.#carry(dialogue.now, next)
      else next?.done({ ...this.#notBegun(next.envelope), unbegun: true })
    })
  }

  #contextOf(reused: boolean): TransactionContext {
    const { extensions } = this
    const { deadlines } = this.#options
    this.#context = { plainMail: false, ...this.#context, extensions, deadlines, reused }
    return this.#context
  }

  /** Content, stuffed; valid until the next call. The last line ending stays back. */
  content(chunk: Uint8Array, now: number): Uint8Array[] {
    const progress = this.#progress
    if (!progress || this.dialogue.waiting !== 'body') return []
    const before = Math.floor(progress.octets / MIB)
    progress.octets += chunk.length
    const begun = Math.floor(progress.octets / MIB) - before
    if (begun > 0) this.dialogue.extend(now, begun * this.#options.deadlines.body)
    return this.#stuffer.push(chunk)
  }

  /**
   * The end of data, to be written at once, or undefined where it must not be: the transaction is over, or `may` said no.
   */
  lastOctets(now: number, may: (heard: Progress) => boolean): Uint8Array | undefined {
    const { dialogue } = this
    const progress = this.#progress
    if (!progress || dialogue.waiting !== 'body') return undefined
    // Half a reply to something not yet said can't become the verdict on it.
    if (dialogue.midReply) {
      dialogue.abort(now, 'early_reply', 'protocol')
      return undefined
    }
    if (!may(progress)) {
      dialogue.abort(now, 'canceled')
      return undefined
    }
    progress.dotSent = true
    dialogue.contentSent(now)
    this.#sayAhead()
    return joined(this.#stuffer.end(), dialogue.takeOutput())
  }

  /** The flight of the transaction behind this one: it is written with the last octets, or at once where they are out. */
  #sayAhead(): void {
    const ahead = this.#ahead
    if (!ahead) return
    const { dialogue } = this
    try {
      const commands = flightAhead(ahead.envelope, this.#contextOf(true))
      for (const command of commands) dialogue.command(command)
      ahead.said = commands.length
    } catch (error) {
      // What can't be said is found again, and told, when its turn comes.
      if (!(error instanceof CommandError)) throw error
    }
  }

  /** Says QUIT where nothing else is under way; its reply means nothing. */
  quit(now: number, done: () => void): void {
    const { dialogue } = this
    if (dialogue.waiting !== 'idle') dialogue.abort(now, 'closed')
    if (dialogue.dead) {
      done()
      return
    }
    const script = function* (): Script<void> {
      dialogue.cap = now + QUIT_MS
      dialogue.command(QUIT)
      yield* dialogue.bareReply('quit', QUIT_MS)
    }
    this.#run(now, 'quit', script(), () => {
      dialogue.kill()
      done()
    })
  }

  #run<T>(
    now: number,
    step: Step,
    script: Script<T>,
    done: (steps: StepRecord[], result: T | undefined, failure: Failure | undefined) => void,
  ): void {
    const steps: StepRecord[] = []
    this.dialogue.steps = steps
    this.dialogue.run(now, guarded(step, script), (outcome) =>
      done(steps, outcome.result, outcome.failure),
    )
  }
}

function newProgress({ recipients }: Envelope): Progress {
  return {
    recipients: recipients.map((address) => ({ address })),
    tooMany: [],
    dotSent: false,
    octets: 0,
  }
}

function joined(octets: Uint8Array, text: string): Uint8Array {
  if (text === '') return octets
  const rest = encoder.encode(text)
  const whole = new Uint8Array(octets.length + rest.length)
  whole.set(octets)
  whole.set(rest, octets.length)
  return whole
}

const encoder = new TextEncoder()

function* guarded<T>(step: Step, script: Script<T>): Script<{ result?: T; failure?: Failure }> {
  try {
    return { result: yield* script }
  } catch (error) {
    if (error instanceof SessionFailure) return { failure: { ...error.failure } }
    // An address or a name that can't be put in a command: nothing of it was said.
    if (error instanceof CommandError) {
      return { failure: { step, cause: 'config', detail: 'command' } }
    }
    throw error
  }
}

/** After a refusal of a mail the session goes on; after anything else, and after 421 or 503, it doesn't. */
function endsSession({ step, cause, reply }: Failure): boolean {
  if (cause === 'config') return false
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
