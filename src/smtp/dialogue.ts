/**
 * One session's give and take without a socket. Scripts (generators) say commands and wait for replies; whoever drives
 * the dialogue feeds it octets and the time, writes what `takeOutput` gives, and watches `waiting` and `deadline`.
 * Replies are matched to commands by count (RFC 2920), so commands of several scripts may be under way in one flight.
 */

import type { Step, StepRecord } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import type { Reply } from '../domain/reply.ts'
import { CLEAR_VERBS, type Command } from './commands.ts'
import { Output } from './output.ts'
import { type FullReply, ReplyParser, toReply } from './reply-parser.ts'
import { SessionFailure } from './session-failure.ts'

/** How long a broken write waits for what the peer may have said before. */
const LAST_WORDS_MS = 1000

/** What a script waits for: the socket to open, to be upgraded to TLS, a reply, or the content to be on its way. */
export type WaitKind = 'connect' | 'upgrade' | 'reply' | 'body'

export interface Wait {
  kind: WaitKind
  step: Step
  until: number
}

export type Script<T> = Generator<Wait, T, FullReply | undefined>

export class Dialogue {
  /** Set by every input; scripts read it as their clock. */
  now = 0
  /** No wait lasts beyond it, however often the peer starts a new one. */
  cap = Number.POSITIVE_INFINITY
  /** Where finished steps are written. */
  steps: StepRecord[] = []
  lastReplyAt = 0
  replies = 0
  /** Kept out of what is kept, for as long as the session lives. */
  readonly secrets: string[] = []
  #parser = new ReplyParser(this.secrets)
  readonly #output = new Output()
  /** Replies owed to us; the first is the greeting. */
  #outstanding = 1
  #script: Script<unknown> | undefined
  #done: ((result: unknown) => void) | undefined
  #wait: Wait | undefined
  #mark = 0
  #channel: 'clear' | 'tls' | 'proven' = 'clear'
  /** Upgraded, and nothing shows yet that the handshake succeeded. */
  #unheard = false
  #surplus = false
  #broken = false
  #dead = false

  /** What the running script waits for; `idle` without one. */
  get waiting(): WaitKind | 'idle' {
    return this.#wait?.kind ?? 'idle'
  }

  get step(): Step | undefined {
    return this.#wait?.step
  }

  /** Milliseconds of the same clock as `now`; infinite when nothing is awaited. */
  get deadline(): number {
    return this.#wait?.until ?? Number.POSITIVE_INFINITY
  }

  /** Nothing can be said any more: close the socket. */
  get dead(): boolean {
    return this.#dead
  }

  get proven(): boolean {
    return this.#channel === 'proven'
  }

  get outstanding(): number {
    return this.#outstanding
  }

  /** Octets came behind the reply just read. */
  get surplus(): boolean {
    return this.#surplus
  }

  get midReply(): boolean {
    return this.#parser.midReply
  }

  // What scripts say.

  /** The one place where a command gets on its way. In clear nothing but EHLO, STARTTLS and QUIT passes. */
  command({ verb, line }: Command): void {
    if (!this.proven && !CLEAR_VERBS.includes(verb)) throw new Error(`${verb} before proven TLS`)
    this.#output.push(`${line}\r\n`)
    this.#outstanding++
  }

  /** Content that is said like a command: an only chunk, or the end of an empty message. */
  content(...pieces: (string | Uint8Array)[]): void {
    if (!this.proven) throw new Error('content before proven TLS')
    for (const piece of pieces) this.#output.push(piece)
    this.#outstanding++
  }

  /** Ends the script where the session is over: nobody would ever answer it. */
  alive(step: Step): void {
    if (this.#dead) throw new SessionFailure({ step, cause: 'closed' })
  }

  *wait(kind: WaitKind, step: Step, ms: number): Script<FullReply | undefined> {
    this.alive(step)
    return yield { kind, step, until: Math.min(this.now + ms, this.cap) }
  }

  /** The next reply, without a record. */
  *bareReply(step: Step, ms: number): Script<FullReply> {
    return (yield* this.wait('reply', step, ms)) as FullReply
  }

  *reply(step: Step, ms: number): Script<FullReply> {
    const reply = yield* this.bareReply(step, ms)
    this.record(step, toReply(reply))
    return reply
  }

  /** Writes the time since the last record down. */
  record(step: Step, reply?: Reply): void {
    const ms = this.now - this.#mark
    this.#mark = this.now
    this.steps.push(reply ? { step, ms, reply } : { step, ms })
  }

  /** The relay's EHLO reply came over TLS: that proves it (a bad certificate gives no reply). */
  prove(): void {
    if (this.#channel !== 'tls') throw new Error('no TLS to prove')
    this.#channel = 'proven'
  }

  /** How it ended while nobody was asking: whoever asks next is told. */
  death: Pick<Failure, 'cause' | 'detail'> | undefined

  kill(): void {
    this.#dead = true
  }

  // What the driver tells.

  run<T>(now: number, script: Script<T>, done: (result: T) => void): void {
    if (this.#script) throw new Error('a script is running')
    this.now = now
    this.#mark = now
    this.#script = script
    this.#done = (result) => done(result as T)
    this.#advance(() => script.next(undefined))
  }

  /** What to write now, all of a flight at once. */
  takeOutput(): Uint8Array {
    return this.#output.take()
  }

  opened(now: number): void {
    this.now = now
    if (this.waiting === 'connect') this.#resume(undefined)
  }

  /** The socket speaks TLS from here on: everything learnt before is forgotten (RFC 3207 §4.2). */
  upgraded(now: number): void {
    this.now = now
    if (this.waiting !== 'upgrade') return
    this.#parser = new ReplyParser(this.secrets)
    this.#channel = 'tls'
    this.#unheard = true
    this.#resume(undefined)
  }

  /** The runtime says that the handshake is done: a hint, not a proof. */
  handshaken(now: number): void {
    this.now = now
    if (!this.#unheard) return
    this.record('tls')
    // An EHLO that is never answered counts as failed TLS; a missing greeting has its own name.
    if (this.step === 'greeting') this.#unheard = false
  }

  receive(chunk: Uint8Array, now: number): void {
    this.now = now
    if (this.#dead) return
    if (this.#unheard) {
      this.#unheard = false
      if (this.steps.at(-1)?.step !== 'tls') this.record('tls')
    }
    // Only commands said before these octets came can be answered by them.
    let due = this.#outstanding
    const parser = this.#parser
    const replies = parser.push(chunk)
    for (const [i, reply] of replies.entries()) {
      this.#surplus = i + 1 < replies.length || parser.midReply || parser.fault !== undefined
      if (due > 0) {
        due--
        this.#outstanding--
        this.replies++
        this.lastReplyAt = now
      } else if (this.waiting !== 'body') this.#fail('protocol', 'early_reply')
      if (this.#dead) return
      this.#resume(reply)
    }
    if (parser.fault) this.#fail('protocol', parser.fault)
    else if (parser.midReply && due === 0 && this.waiting !== 'body') {
      this.#fail('protocol', 'early_reply')
    }
  }

  /** The last octets are said: the next reply is the one to the end of data. */
  contentSent(now: number, lastOctets: Uint8Array): void {
    this.now = now
    this.#output.push(lastOctets)
    this.#outstanding++
    this.#resume(undefined)
  }

  /** One more piece of content got out: the peer takes it, so it gets more time. */
  extend(now: number, ms: number): void {
    if (this.#wait?.kind === 'body') this.#wait.until = now + ms
  }

  expire(now: number): void {
    this.now = now
    if (now < this.deadline) return
    this.#fail(this.#broken ? 'closed' : 'timeout')
  }

  /** The peer closed or reset, or the socket never opened. */
  lost(now: number): void {
    this.now = now
    this.#fail(this.waiting === 'connect' ? 'connect_failed' : 'closed')
  }

  /** A write failed; what the peer said before may still be read. */
  broken(now: number): void {
    this.now = now
    this.#broken = true
    if (this.#wait) this.#wait.until = Math.min(this.#wait.until, now + LAST_WORDS_MS)
  }

  /** We stop by ourselves; `protocol` where the peer is to blame. */
  abort(now: number, detail: string, cause: 'aborted' | 'protocol' = 'aborted'): void {
    this.now = now
    this.#fail(cause, detail)
  }

  /** The last word of a session that isn't wanted any more; nothing waits for the reply. */
  farewell(): void {
    const listening = this.step === undefined || this.step === 'ehlo'
    if (!this.#dead && this.replies > 0 && listening && !this.#unheard)
      this.#output.push('QUIT\r\n')
    this.#dead = true
  }

  #fail(cause: Failure['cause'], detail?: string): void {
    if (this.#dead) return
    this.#dead = true
    const { step } = this
    const script = this.#script
    if (step === undefined || !script) {
      this.death = { cause, ...(detail !== undefined && { detail }) }
      return
    }
    const failure: Failure =
      this.#unheard && cause !== 'aborted'
        ? { step: 'tls', cause: 'tls_failed', detail: detail ?? cause }
        : { step, cause, ...(detail !== undefined && { detail }) }
    this.record(failure.step)
    this.#advance(() => script.throw(new SessionFailure(failure)))
  }

  #resume(reply: FullReply | undefined): void {
    const script = this.#script
    if (script) this.#advance(() => script.next(reply))
  }

  #advance(next: () => IteratorResult<Wait, unknown>): void {
    const result = next()
    if (result.done) {
      const done = this.#done
      this.#wait = undefined
      this.#script = undefined
      this.#done = undefined
      done?.(result.value)
    } else {
      this.#wait = result.value
      if (this.#broken) this.broken(this.now)
    }
  }
}
