/**
 * Whether a message may be on its way before the relay has answered the one before it, or its own envelope. A relay that
 * ends its sessions over it would turn every second message into an unknown one.
 */

const MISTRUST_MS = 10 * 60_000

/** A session that carried more than this before it ended had its reasons. */
const SUSPECT_TRANSACTIONS = 10

export class Riding {
  #from = Number.NEGATIVE_INFINITY

  allowed(now: number): boolean {
    return this.#from <= now
  }

  /** Nothing of a message was answered, or it is unknown with another one behind it. */
  brokeWith(transactions: number, isUnknown: boolean, now: number): void {
    if (isUnknown || transactions <= SUSPECT_TRANSACTIONS) this.#from = now + MISTRUST_MS
  }

  /** The relay may be another one by now. */
  reset(): void {
    this.#from = Number.NEGATIVE_INFINITY
  }
}
