/**
 * Content becomes the copies that are stored and sent, all of them before the first is accepted. A copy without protection
 * goes as it was composed: Bcc recipients are in its envelope only, no header names them.
 */

import { ProtectionError } from '../domain/protection-error.ts'
import type { ContentNeeds } from '../domain/transaction-needs.ts'
import { BodyHasher } from '../mime/body-hash.ts'
import { type DkimSigningKey, signHeader } from '../mime/dkim.ts'
import type { AcceptedCopy, CopyProtection } from '../ports/outbox.ts'
import type { PlannedCopy } from '../ports/protection-plan.ts'
import { type MakingCopies, startMaking } from './making-copies.ts'
import { type ProtectDeps, protectCopy } from './protect-copy.ts'
import { type BodyTarget, storeBody } from './submission-body.ts'

export interface ComposedContent {
  /** Header section with its closing empty line, CRLF. */
  header: Uint8Array
  /** The same octets each time. Once, where what was sent to us isn't held: asked again it throws. */
  open(): AsyncIterable<Uint8Array>
  /** Final once the body has been read. */
  needs: ContentNeeds
}

export interface CopyWork {
  deps: ProtectDeps
  /** Header From's address. */
  from: string
  dkim: DkimSigningKey[]
  /** Where the copy's body goes; `inline`: how much may still ride with the accepting call. */
  target(copy: number, inline: number): BodyTarget
  now: number
}

/** All copies of one accepting call together; beyond it they are staged. */
const INLINE_OCTETS = 4 * 1024 * 1024

/** Of all copies: each Bcc recipient's is as large as the message, twice in base64. */
const MOST_OCTETS = 256 * 1024 * 1024

/** @throws ProtectionError, and what staging throws */
export async function composeCopies(
  content: ComposedContent,
  planned: readonly PlannedCopy[],
  work: CopyWork,
): Promise<AcceptedCopy[]> {
  const copies: AcceptedCopy[] = []
  const making = startMaking(work.deps.clock)
  let inline = INLINE_OCTETS
  for (const [index, plan] of planned.entries()) {
    const copy = await composeCopy(content, plan, { ...work, making }, work.target(index, inline))
    refuseTooMany(copy.size, planned.length)
    if ('inline' in copy.body) inline -= copy.body.inline.length
    copies.push({ copy: index, role: plan.role, ...copy })
  }
  return copies
}

/** Known from the first one on, before the others are made. */
function refuseTooMany(size: number, copies: number): void {
  if (copies === 1 || size * copies <= MOST_OCTETS) return
  const reason = `its ${copies} copies come to more than ${MOST_OCTETS / 1024 / 1024} MiB`
  throw new ProtectionError('message.too_large', reason)
}

async function composeCopy(
  content: ComposedContent,
  { protect }: PlannedCopy,
  { deps, from, dkim, now, making }: CopyWork & { making: MakingCopies },
  target: BodyTarget,
): Promise<Omit<AcceptedCopy, 'copy' | 'role'>> {
  const made = protect
    ? await protectCopy(deps, content, protect, from, making)
    : { header: content.header, body: content.open(), protection: null }
  const hasher = dkim.length > 0 ? new BodyHasher() : null
  const stored = await storeBody(hasher ? hashed(made.body, hasher) : made.body, target)
  const bodyHash = hasher?.digest() ?? null
  const header =
    bodyHash === null ? made.header : await signHeader(made.header, bodyHash, dkim, { time: now })
  return {
    header,
    body_hash: bodyHash,
    body: stored.body,
    size: header.length + stored.octets,
    needs: needsOf(content, made.protection),
    protection: made.protection,
  }
}

/** What was protected is 7-bit throughout. */
function needsOf({ needs }: ComposedContent, protection: CopyProtection | null): ContentNeeds {
  return { ...needs, ...(protection && { eight_bit: false }) }
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
