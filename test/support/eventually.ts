/** Waiting for things in tests: events where there are any, a repeated question only where a party tells nothing by itself. */

const PATIENCE_MS = 20_000

/** Things that arrive one after another; each `next()` resolves to the first one not yet taken. */
export class Arrivals<T> {
  /** Everything that ever arrived, taken or not. */
  readonly all: T[] = []
  readonly #what: string
  #taken = 0
  #waiting: { resolve: (value: T) => void; timer: NodeJS.Timeout }[] = []

  /** `what` is named when waiting for one fails. */
  constructor(what: string) {
    this.#what = what
  }

  push(value: T): void {
    this.all.push(value)
    const first = this.#waiting.shift()
    if (!first) return
    clearTimeout(first.timer)
    this.#taken++
    first.resolve(value)
  }

  /** Rejects when none arrives within `patienceMs`: a bound that only makes a failing test end. */
  next(patienceMs = PATIENCE_MS): Promise<T> {
    if (this.#taken < this.all.length) return Promise.resolve(this.all[this.#taken++] as T)
    return new Promise((resolve, reject) => {
      const entry = {
        resolve,
        timer: setTimeout(() => {
          this.#waiting = this.#waiting.filter((other) => other !== entry)
          reject(new Error(`no further ${this.#what} (${this.all.length} so far)`))
        }, patienceMs),
      }
      this.#waiting.push(entry)
    })
  }

  /** The next `count` of them. */
  async take(count: number, patienceMs = PATIENCE_MS): Promise<T[]> {
    const taken: T[] = []
    while (taken.length < count) taken.push(await this.next(patienceMs))
    return taken
  }
}

/**
 * Asks until the answer is not undefined. For states that only an HTTP answer shows;
 * the deadline is no part of the test, it only makes a failing one end.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
