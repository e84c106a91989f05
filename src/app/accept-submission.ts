/** Composed content, signed and put into the outbox with its envelope: one call on the usual path. */

import { newId, newMessageId } from '../domain/id.ts'
import type { Settings } from '../domain/settings.ts'
import type { DkimStore, RelayStore, Sealer } from '../ports/control-plane.ts'
import type { AcceptedCopy } from '../ports/outbox.ts'
import { type ComposedContent, composeCopies } from './compose-copies.ts'
import { type Acceptance, acceptOnce, type Placement, type ShardDeps } from './idempotent-accept.ts'
import type { Terms } from './submission-check.ts'
import type { Envelope } from './submission-envelope.ts'
import { openSigningKeys } from './submission-signing.ts'

export interface SubmitDeps extends ShardDeps {
  settings: Settings
  relays: RelayStore
  dkim: DkimStore
  sealer: Sealer
}

export interface AcceptableSubmission {
  envelope: Envelope
  terms: Terms
  /** Candidates in order. */
  relays: string[]
  /** Header From's address. */
  from: string
  /** Message-ID with angle brackets. */
  message_id: string
  /** Called once for each shard tried. */
  compose(): Promise<ComposedContent>
}

export interface SubmissionOwner {
  id: string
  key: { sandbox: boolean } | null
}

/** Throws what `acceptOnce` and staging throw; whatever was staged for a refused message is swept. */
export async function acceptSubmission(
  deps: SubmitDeps,
  owner: SubmissionOwner,
  placement: Placement,
  submission: AcceptableSubmission,
): Promise<Acceptance> {
  const { envelope, terms, relays, from, message_id } = submission
  const keys = await openSigningKeys(deps, from)
  return acceptOnce(deps, placement, async (shard, outbox) => {
    const now = deps.clock.now()
    const id = newMessageId(now, shard)
    const target = { outbox, name: `${id}/0`, claim: placement.claim }
    const copies: AcceptedCopy[] = await composeCopies(await submission.compose(), keys, target)
    return outbox.accept(
      {
        id,
        key_id: owner.id,
        sandbox: owner.key?.sandbox ?? false,
        created_at: now,
        send_at: terms.send_at,
        expires_in: terms.expires_in,
        expires_stated: terms.expires_stated,
        priority: terms.priority,
        relays,
        on_unknown: terms.on_unknown,
        sender: envelope.sender,
        from,
        notify: envelope.notify,
        message_id,
        tags: terms.tags,
        metadata: terms.metadata,
        copies,
        recipients: envelope.recipients.map(({ address, kind }) => ({
          address,
          kind,
          copy: 0,
          state: 'queued',
        })),
      },
      placement.claim,
    )
  })
}

/** A Message-ID at the author's domain, made once and kept over every try (RFC 5322 §3.6.4). */
export function newHeaderMessageId(from: string, now: number): string {
  return `<${newId('msg', now).slice('msg_'.length)}@${asciiDomain(from)}>`
}
