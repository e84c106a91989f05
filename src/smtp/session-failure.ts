import type { Failure } from '../domain/failure.ts'

/** Ends a script; never leaves this ring. */
export class SessionFailure extends Error {
  override readonly name = 'SessionFailure'
  readonly failure: Failure
  constructor(failure: Failure) {
    super(`${failure.step}: ${failure.cause}`)
    this.failure = failure
  }
}
