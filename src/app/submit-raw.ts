/** A finished message (message/rfc822), streamed: checked by its header, stored as it comes, its envelope from beside it or from itself. */

import { assertMaySend } from '../domain/binding.ts'
import { PosternError } from '../domain/errors.ts'
import { ContentHasher } from '../mime/content-hash.ts'
import { RawError, type RawFacts, type RawMessage, readRaw } from '../mime/raw.ts'
import type { ProtectionPlan } from '../ports/protection-plan.ts'
import { acceptSubmission, newHeaderMessageId, type SubmitDeps } from './accept-submission.ts'
import type { ComposedContent } from './compose-copies.ts'
import { type Acceptance, type Placement, recallOnce } from './idempotent-accept.ts'
import { rawEncryption } from './raw-encryption.ts'
import { type RawEnvelope, rawEnvelope } from './raw-envelope.ts'
import { carriersOf, checkSandboxAddresses, homeOf } from './sandbox.ts'
import { DEFAULT_TERMS } from './submission-check.ts'
import type { Envelope } from './submission-envelope.ts'
import { planSubmission } from './submission-protection.ts'
import type { Submitter } from './submit-message.ts'
import { Violations } from './violations.ts'

const HEADER_LIMIT = 256 * 1024

export interface RawSubmission {
  content: AsyncIterable<Uint8Array>
  /** Octets of the content at most. */
  limit: number
  envelope: RawEnvelope
  /** Counts octets that are kept until they are sent. @throws PosternError `server.busy` */
  hold(octets: number): void
}

export interface RawContext {
  submitter: Submitter
  origin: string
  /** Where the same request goes again; null: anywhere. */
  place: string | null
  /** Of the hash of content and envelope, known only after the last octet. */
  placementOf(hash: string): Placement
}

/** @throws PosternError as `submitMessage`, and `request.too_large` */
export async function submitRaw(
  everywhere: SubmitDeps,
  raw: RawSubmission,
  context: RawContext,
): Promise<Acceptance> {
  const deps = homeOf(everywhere, context.submitter)
  const hasher = new ContentHasher()
  hasher.update(JSON.stringify(raw.envelope))
  return asProblems(async () => {
    const message = await readRaw(
      hasher.tap(raw.content),
      { headerBytes: HEADER_LIMIT, totalBytes: raw.limit },
      {
        message_id: (author) => newHeaderMessageId(author, deps.clock.now()),
        date: deps.clock.now(),
      },
    )
    let placement: Placement | undefined
    const placed = () => (placement ??= context.placementOf(hasher.digest()))
    const judged = await judge(deps, raw, message.facts, context).catch(async (refusal) => {
      const earlier = context.place && (await drain(message)) && (await recallOnce(deps, placed()))
      if (earlier) return earlier
      throw refusal
    })
    if ('receipt' in judged) return judged
    const content = judged.protection.copies.every(({ protect }) => protect === null)
      ? readOnce(message)
      : await held(message, raw.hold)
    return acceptSubmission(deps, context.submitter, {
      ...judged,
      terms: DEFAULT_TERMS,
      message_id: message.facts.message_id ?? '',
      compose: async () => content(),
      place: context.place,
      claim: () => placed().claim,
      earlyClaim: null,
    })
  })
}

async function judge(
  deps: SubmitDeps,
  raw: RawSubmission,
  facts: RawFacts,
  { submitter, origin }: RawContext,
): Promise<{
  envelope: Envelope
  from: string
  relays: string[]
  protection: ProtectionPlan
}> {
  const violations = new Violations()
  const request = rawEncryption(violations, raw.envelope.encryption, facts)
  const envelope = rawEnvelope(violations, raw.envelope, facts, deps.settings.maxRecipients)
  checkSandboxAddresses(violations, submitter, envelope.recipients)
  violations.throwIfAny()
  const [from = ''] = facts.from.map(({ address }) => address)
  assertMaySend(submitter, {
    senders: [envelope.sender, ...authorsOf(facts)],
    recipients: envelope.recipients.map(({ address }) => address),
    relay: null,
  })
  const relays = await deps.relays.list()
  const choice = { relays, submitter, from, pinned: null }
  const carriers = carriersOf(choice, envelope.recipients, origin)
  const author = { address: from, at: '/header/From' }
  const protection = await planSubmission(deps, author, envelope, {
    request,
    already: facts.is_protected,
    at: deps.clock.now(),
    sandbox: submitter.key?.sandbox ?? false,
  })
  return { envelope, from, relays: carriers, protection }
}

function authorsOf({ from, sender, resent }: RawFacts): string[] {
  return [...from.map(({ address }) => address), ...(sender ? [sender.address] : []), ...resent]
}

/** Reads to the end for the hash alone; false where the content itself is refused. */
async function drain({ body }: RawMessage): Promise<boolean> {
  try {
    for await (const _chunk of body);
    return true
  } catch (error) {
    if (error instanceof RawError) return false
    throw error
  }
}

/** The octets are gone after the first try: where they had been staged on the wrong shard the client sends them again. */
function readOnce({ header, body, facts }: RawMessage): () => ComposedContent {
  let read = false
  return () => {
    if (read) {
      throw new PosternError(
        'server.busy',
        'The outboxes were rearranged meanwhile: send it again.',
        { retryAfterS: 1 },
      )
    }
    read = true
    return { header, open: () => body, needs: facts.needs }
  }
}

/** What is protected is read more than once, and rests nowhere in clear but in memory. */
async function held(
  { header, body, facts }: RawMessage,
  hold: (octets: number) => void,
): Promise<() => ComposedContent> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) {
    hold(chunk.length)
    chunks.push(chunk)
  }
  const open = async function* () {
    yield* chunks
  }
  return () => ({ header, open, needs: facts.needs })
}

async function asProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RawError)) throw error
    if (error.reason === 'too_large') {
      throw new PosternError('request.too_large', error.message, { cause: error })
    }
    const violations = new Violations()
    violations.add('', `raw.${error.reason}`, error.message)
    violations.throwIfAny()
    throw error
  }
}
