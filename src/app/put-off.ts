/** Mail that is due and may not be tried: it waits, and says why. */

import { describeError } from '../domain/describe-error.ts'
import type { Postponement } from '../ports/message-store.ts'
import type { LineContext } from './line-context.ts'

export class PutOff {
  readonly #context: LineContext
  #running = false

  constructor(context: LineContext) {
    this.#context = context
  }

  /** Puts off what is due as long as `goesOn`, in batches: other calls of the object get their turn between two. */
  begin(postponement: Postponement, goesOn: () => boolean): void {
    if (this.#running) return
    this.#running = true
    const { relay, logLine } = this.#context
    this.#batches(postponement, goesOn)
      .catch((error) => logLine({ type: 'pump.error', relay, error: describeError(error) }))
      .finally(() => {
        this.#running = false
      })
  }

  async #batches(postponement: Postponement, goesOn: () => boolean): Promise<void> {
    const { store, clock, relay } = this.#context
    while (goesOn() && store.postpone(relay, postponement, clock.now()) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }
}
