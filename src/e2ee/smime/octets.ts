/** Octets on their way: hashed, put behind one another. */

import { createHash } from 'node:crypto'
import type { Hash } from './algorithms.ts'

/** Hashes what passes through. */
export class Hashing {
  readonly #hash: ReturnType<typeof createHash>
  readonly #source: AsyncIterable<Uint8Array>

  constructor(hash: Hash, source: AsyncIterable<Uint8Array>) {
    this.#hash = createHash(hash)
    this.#source = source
  }

  async *octets(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of this.#source) {
      this.#hash.update(chunk)
      yield chunk
    }
  }

  /** Of everything; once. */
  digest(): Uint8Array {
    return this.#hash.digest()
  }
}

export async function* octetsOf(
  ...parts: (Uint8Array | AsyncIterable<Uint8Array>)[]
): AsyncGenerator<Uint8Array, void, void> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part
    else yield* part
  }
}
