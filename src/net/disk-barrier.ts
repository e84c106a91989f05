/** What is written waits for the disk: nothing that was said after it overtakes it. */

export class DiskBarrier {
  #pending: Promise<unknown> | undefined

  /** Undefined where nothing has to be awaited; rejects where the disk failed. */
  get pending(): Promise<unknown> | undefined {
    return this.#pending
  }

  add(onDisk: Promise<void>): void {
    const pending = Promise.all([this.#pending, onDisk])
    this.#pending = pending
    const done = () => {
      if (this.#pending === pending) this.#pending = undefined
    }
    pending.then(done, done)
  }
}
