/** Requests that wait for a message's first outcomes (`Prefer: wait`). */

export class Waiters {
  readonly #waiting = new Map<string, Set<() => void>>()

  has(id: string): boolean {
    return this.#waiting.has(id)
  }

  /** Resolves at `resolve(id)` or after `ms`, whichever comes first. */
  wait(id: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set()
      const done = () => {
        clearTimeout(timer)
        waiting.delete(done)
        if (waiting.size === 0) this.#waiting.delete(id)
        resolve()
      }
      const timer = setTimeout(done, ms)
      waiting.add(done)
      this.#waiting.set(id, waiting)
    })
  }

  resolve(id: string): void {
    for (const done of this.#waiting.get(id) ?? []) done()
  }
}
