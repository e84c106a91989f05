/** Publishes changed messages from the shard's transactional outbox to the index; at least once, newest row wins. */

import type { MessageIndex, Unpublished } from '../ports/message-index.ts'

const BATCH = 50

/** Long enough that acceptance and a quick outcome make one write, short enough for a list to feel current. */
const GATHER_MS = 200

export class IndexPublisher {
  readonly #source: Unpublished
  readonly #index: MessageIndex
  #running: Promise<void> | undefined

  constructor(source: Unpublished, index: MessageIndex) {
    this.#source = source
    this.#index = index
  }

  /** Resolves when everything known at the call is published; rejects where the index could not be written. */
  flush(): Promise<void> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #drain(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
      const changed = this.#source.unpublished(BATCH)
      if (changed.length === 0) return
      await this.#index.write(changed.map(({ row }) => row))
      this.#source.published(changed)
    }
  }
}
