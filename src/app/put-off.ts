/** Mail that is due and may not be tried: it goes to another relay, or waits and says why. */

import { describeError } from '../domain/describe-error.ts'
import type { Postponement } from '../ports/message-store.ts'
import type { Onward } from '../ports/relay-gate.ts'
import type { LineContext } from './line-context.ts'
import { relaysOnward } from './next-relays.ts'

export class PutOff {
  readonly #context: LineContext
  #running = false

  constructor(context: LineContext) {
    this.#context = context
  }

  /** Puts off what is due as long as `goesOn`, in batches: other calls of the object get their turn between two. */
  begin(
    postponement: Omit<Postponement, 'onward'>,
    onward: Onward | undefined,
    goesOn: () => boolean,
  ): void {
    if (this.#running) return
    this.#running = true
    const { relay, logLine } = this.#context
    this.#batches(postponement, onward, goesOn)
      .catch((error) => logLine({ type: 'pump.error', relay, error: describeError(error) }))
      .finally(() => {
        this.#running = false
      })
  }

  async #batches(
    postponement: Omit<Postponement, 'onward'>,
    onward: Onward | undefined,
    goesOn: () => boolean,
  ): Promise<void> {
    const { store, clock, relay, wakeRelay } = this.#context
    const among = onward && { onward: await relaysOnward(this.#context, onward) }
    while (goesOn()) {
      const { copies, relays } = store.postpone(relay, { ...postponement, ...among }, clock.now())
      for (const next of relays) wakeRelay(next)
      if (copies === 0) return
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }
}
