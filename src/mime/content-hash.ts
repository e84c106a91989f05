/** SHA-256 of octets that stream by: how a repeated upload is recognised. */

import { createHash, type Hash } from 'node:crypto'

export class ContentHasher {
  readonly #hash: Hash = createHash('sha256')

  /** Passes the octets on as they come and counts them in. */
  async *tap(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of source) {
      this.#hash.update(chunk)
      yield chunk
    }
  }

  /** Adds text that belongs to the request beside the octets; a NUL ends it. */
  update(text: string): void {
    this.#hash.update(`${text}\0`)
  }

  /** Hex; once, after the octets have been read to their end. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}
