/**
 * The client's side of an SMTP session (RFC 5321) as a state machine without sockets: fed octets, clock ticks and what
 * happens to the socket, it answers with octets to write, a deadline, and in the end a result. net/ drives it.
 */

import type { Step, StepRecord } from '../domain/attempt.ts'
import type { Failure } from '../domain/failure.ts'
import type { RelayCredential } from '../domain/relay.ts'
import { type AuthOptions, authenticate } from './authenticate.ts'
import { Carriage } from './carriage.ts'
import { CommandError, QUIT } from './commands.ts'
import { Dialogue, type Script } from './dialogue.ts'
import { type EstablishOptions, establish } from './establish.ts'
import { type Extensions, readExtensions } from './extensions.ts'
import { SessionFailure } from './session-failure.ts'

const QUIT_MS = 2000

export interface Established {
  steps: StepRecord[]
  failure?: Failure
}

export interface SessionOptions extends EstablishOptions, AuthOptions {
  /** Messages whose last octets may be on their way unanswered. */
  flightDepth: number
  /** Our own side threw: what it was. The result says no more than that we left. */
  onFault(error: unknown): void
}

export class SmtpSession {
  readonly dialogue = new Dialogue()
  extensions: Extensions = readExtensions({ lines: [] })
  authMechanism: string | null = null
  /** Takes transactions: one, and more behind it where `takesAhead`. */
  readonly carriage: Carriage

  readonly #options: SessionOptions

  constructor(options: SessionOptions) {
    this.#options = options
    const { deadlines, flightDepth } = options
    this.carriage = new Carriage(this.dialogue, deadlines, flightDepth, (now, script, done) =>
      this.#run(now, 'mail', script, (steps, _, failure) => done(steps, failure)),
    )
  }

  /** Greeting, TLS, EHLO. Calls back once; without a failure TLS is proven. */
  establish(now: number, done: (result: Established) => void): void {
    const script = establish(this.dialogue, this.#options)
    this.#run(now, 'ehlo', script, (steps, extensions, failure) => {
      if (extensions) {
        this.extensions = extensions
        this.carriage.extensions = extensions
      }
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
    this.dialogue.run(now, this.#guarded(step, script), (outcome) =>
      done(steps, outcome.result, outcome.failure),
    )
  }

  *#guarded<T>(step: Step, script: Script<T>): Script<{ result?: T; failure?: Failure }> {
    try {
      return { result: yield* script }
    } catch (error) {
      if (error instanceof SessionFailure) return { failure: { ...error.failure } }
      // An address or a name that can't be put in a command: nothing of it was said.
      if (error instanceof CommandError) {
        return { failure: { step, cause: 'config', detail: 'command' } }
      }
      this.#options.onFault(error)
      this.dialogue.kill()
      return { failure: { step, cause: 'aborted', detail: 'fault' } }
    }
  }
}
