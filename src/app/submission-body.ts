/** Where a body goes on its way into the outbox: small ones ride with the accept call, larger ones are staged before it. */

import { PosternError } from '../domain/errors.ts'
import type { AcceptedCopy, Claim, OutboxRpc } from '../ports/outbox.ts'

/** Well under the 2 MB that a row may hold. */
export const CHUNK_OCTETS = 1024 * 1024

export interface BodyTarget {
  outbox: OutboxRpc
  /** Names the staged body: unique for each try. */
  name: string
  /** How many octets may ride with the accepting call; never more than a chunk. */
  inline: number
  /** Held from the first chunk on, so that a parallel request with the same key is told to wait. */
  claim: Claim | null
}

export interface StoredBody {
  body: AcceptedCopy['body']
  octets: number
}

/** Never holds more than two chunks: one that fills while the one before it is on its way. */
export async function storeBody(
  source: AsyncIterable<Uint8Array>,
  target: BodyTarget,
): Promise<StoredBody> {
  const parts: Uint8Array[] = []
  let held = 0
  let octets = 0
  let index = 0
  let underway: Promise<void> | undefined
  for await (const part of source) {
    octets += part.length
    for (let rest = part; rest.length > 0; ) {
      if (held === CHUNK_OCTETS) {
        await underway
        underway = stage(target, index++, join(parts, held))
        // Awaited before the next one and at the end: a failure in between must not count as unhandled.
        underway.catch(() => undefined)
        parts.length = 0
        held = 0
      }
      const taken = rest.subarray(0, CHUNK_OCTETS - held)
      parts.push(taken)
      held += taken.length
      rest = rest.subarray(taken.length)
    }
  }
  if (index === 0 && held <= target.inline) return { body: { inline: join(parts, held) }, octets }
  await underway
  await stage(target, index, join(parts, held))
  return { body: { staged: target.name }, octets }
}

async function stage(target: BodyTarget, index: number, chunk: Uint8Array): Promise<void> {
  const claim = index === 0 ? (target.claim ?? undefined) : undefined
  const answer = await target.outbox.stage(target.name, index, chunk, claim)
  if (answer === 'full') {
    throw new PosternError('storage.full', 'The outbox has no room for new messages.', {
      retryAfterS: 300,
    })
  }
}

function join(parts: Uint8Array[], octets: number): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only && only.byteLength === only.buffer.byteLength) return only
  const whole = new Uint8Array(octets)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
