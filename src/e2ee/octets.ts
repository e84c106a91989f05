/** Octets on their way: hashed, put behind one another. */

import { createHash } from 'node:crypto'
import type { Assembled } from '../mime/protect/assemble.ts'
import type { ProtectJob } from '../ports/e2ee-provider.ts'

export type Hash = 'sha256' | 'sha384' | 'sha512'

/** Hashes what passes through. */
export class Hashing {
  readonly #hash: ReturnType<typeof createHash>
  readonly #source: AsyncIterable<Uint8Array>

  /** `before`: hashed in front of it. */
  constructor(
    hash: Hash,
    source: AsyncIterable<Uint8Array>,
    before: Uint8Array = new Uint8Array(0),
  ) {
    this.#hash = createHash(hash).update(before)
    this.#source = source
  }

  async *octets(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of this.#source) {
      this.#hash.update(chunk)
      yield chunk
    }
  }

  /** Of everything, and of `after` behind it. */
  digest(after: Uint8Array = new Uint8Array(0)): Uint8Array {
    return this.#hash.copy().update(after).digest()
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

/** The entity as it is signed or encrypted: its own header, an empty line, its body. */
export function entityOctets({ contentHeaders, body }: Assembled): AsyncIterable<Uint8Array> {
  const header = contentHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return octetsOf(Buffer.from(`${header}\r\n`, 'latin1'), body)
}

/** The same octets, joined into pieces of at least `least` octets; the last may be smaller. */
export async function* inPieces(
  source: AsyncIterable<Uint8Array>,
  least: number,
): AsyncGenerator<Uint8Array, void, void> {
  let parts: Uint8Array[] = []
  let octets = 0
  for await (const chunk of source) {
    parts.push(chunk)
    octets += chunk.length
    if (octets < least) continue
    yield parts.length === 1 ? chunk : Buffer.concat(parts)
    parts = []
    octets = 0
  }
  if (octets > 0) yield Buffer.concat(parts)
}

/** The job with a payload that is read no further once `abort` says so; throws its reason. */
export function interruptible(job: ProtectJob): ProtectJob {
  const { abort, payload } = job
  abort.throwIfAborted()
  async function* open() {
    for await (const chunk of payload.open()) {
      abort.throwIfAborted()
      yield chunk
    }
  }
  return { ...job, payload: { ...payload, open } }
}
