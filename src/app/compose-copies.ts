/**
 * Content becomes the copies that are stored and sent. Without encryption there is one: Bcc recipients are in its
 * envelope only, no header names them.
 */

import type { ContentNeeds } from '../domain/transaction-needs.ts'
import { BodyHasher } from '../mime/body-hash.ts'
import { type DkimSigningKey, signHeader } from '../mime/dkim.ts'
import type { AcceptedCopy } from '../ports/outbox.ts'
import { type BodyTarget, storeBody } from './submission-body.ts'

export interface ComposedContent {
  /** Header section with its closing empty line, CRLF. */
  header: Uint8Array
  /** Can be read once. */
  body: AsyncIterable<Uint8Array>
  /** Final once the body has been read. */
  needs: ContentNeeds
}

export async function composeCopies(
  { header, body, needs }: ComposedContent,
  keys: DkimSigningKey[],
  target: BodyTarget,
  now: number,
): Promise<AcceptedCopy[]> {
  const hasher = keys.length > 0 ? new BodyHasher() : null
  const stored = await storeBody(hasher ? hashed(body, hasher) : body, target)
  const bodyHash = hasher?.digest() ?? null
  const signed =
    bodyHash === null ? header : await signHeader(header, bodyHash, keys, { time: now })
  return [
    {
      copy: 0,
      role: 'named',
      header: signed,
      body_hash: bodyHash,
      body: stored.body,
      size: signed.length + stored.octets,
      needs: { ...needs },
    },
  ]
}

async function* hashed(
  body: AsyncIterable<Uint8Array>,
  hasher: BodyHasher,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    hasher.update(chunk)
    yield chunk
  }
}
