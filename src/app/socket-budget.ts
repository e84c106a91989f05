/**
 * One budget of sockets for everything an Outbox opens: the platform allows six a invocation, a pending dial counts
 * until the runtime lets it go, and nothing closes it earlier.
 */

export const SOCKETS_PER_OUTBOX = 5

export interface TakenSocket {
  release(): void
}

export class SocketBudget {
  readonly #limit: number
  readonly #onFree: () => void
  #taken = 0

  /** `onFree` is called after each release: somebody may be waiting for room. */
  constructor(limit: number, onFree: () => void) {
    this.#limit = limit
    this.#onFree = onFree
  }

  get free(): number {
    return this.#limit - this.#taken
  }

  /** `onRelease` is called once. */
  take(onRelease: () => void = () => {}): TakenSocket | undefined {
    if (this.#taken >= this.#limit) return undefined
    this.#taken += 1
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        this.#taken -= 1
        onRelease()
        this.#onFree()
      },
    }
  }
}
