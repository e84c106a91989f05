/** Composed content, signed and put into the outbox with its envelope: one call on the usual path. */

import { newId, newMessageId } from '../domain/id.ts'
import type { Settings } from '../domain/settings.ts'
import type { DkimStore, RelayStore, Sealer } from '../ports/control-plane.ts'
import type { ExpiryStore } from '../ports/e2ee-stores.ts'
import type { AcceptedCopy, AcceptedMessage, AcceptedRecipient, Claim } from '../ports/outbox.ts'
import type { ProtectionPlan } from '../ports/protection-plan.ts'
import { type ComposedContent, composeCopies } from './compose-copies.ts'
import { endingKeys } from './ending-keys.ts'
import { onFreshStub } from './fresh-stub.ts'
import { type Acceptance, acceptOnce, type ShardDeps } from './idempotent-accept.ts'
import { asciiDomainOf, openSigningKeys } from './open-dkim-keys.ts'
import type { ProtectDeps } from './protect-copy.ts'
import { asProblem } from './protection-problem.ts'
import { shardOfId } from './sandbox.ts'
import type { Terms } from './submission-check.ts'
import type { Envelope } from './submission-envelope.ts'
import type { PlanDeps } from './submission-protection.ts'

export interface SubmitDeps extends ShardDeps, ProtectDeps, PlanDeps {
  settings: Settings
  relays: RelayStore
  dkim: DkimStore
  sealer: Sealer
  expiries: ExpiryStore
}

export interface AcceptableSubmission {
  envelope: Envelope
  /** Of the envelope's recipients, in their order; nobody in it is refused. */
  protection: ProtectionPlan
  terms: Terms
  /** Candidates in order. */
  relays: string[]
  /** Header From's address. */
  from: string
  /** Message-ID with angle brackets. */
  message_id: string
  /** Called once for each shard tried, unless the copy was small enough to keep. */
  compose(): Promise<ComposedContent>
  /** Where the same request goes again; `claim` is asked for once the body has been read. */
  place: string | null
  claim(): Claim | null
  /** Known before the body is read: parallel requests are then told to wait while it is staged. */
  earlyClaim: Claim | null
}

export interface SubmissionOwner {
  id: string
  key: { sandbox: boolean } | null
}

/** Throws what `acceptOnce` and staging throw; whatever was staged for a refused message is swept. */
export async function acceptSubmission(
  deps: SubmitDeps,
  owner: SubmissionOwner,
  submission: AcceptableSubmission,
): Promise<Acceptance> {
  const { from, place, earlyClaim } = submission
  const keys = await openSigningKeys(deps, from)
  let kept: AcceptedCopy[] | undefined
  const acceptance = await acceptOnce(deps, place, async (shard, outbox) => {
    const now = deps.clock.now()
    const id = newMessageId(now, shardOfId(shard, owner))
    const target = (copy: number, inline: number) => {
      return { outbox, name: `${id}/${copy}`, inline, claim: earlyClaim }
    }
    const work = { deps, from, dkim: keys, target, now }
    const { copies: planned } = submission.protection
    const copies =
      kept ??
      (await asProblem(async () => composeCopies(await submission.compose(), planned, work)))
    if (copies.every(({ body }) => 'inline' in body)) kept = copies
    const key_endings = await endingKeys(deps, planned, now)
    const message = {
      ...messageOf(owner, submission, copies, { id, created_at: now }),
      ...(key_endings.length > 0 && { key_endings }),
    }
    const claim = submission.claim()
    return { claim, accept: () => onFreshStub(() => deps.outbox(shard).accept(message, claim)) }
  })
  const { in_clear } = submission.protection
  if (in_clear && !acceptance.replayed)
    deps.logLine({ type: 'e2ee.sent_in_clear', message: acceptance.receipt.id, ...in_clear })
  return acceptance
}

function messageOf(
  owner: SubmissionOwner,
  { envelope, terms, relays, from, message_id, protection }: AcceptableSubmission,
  copies: AcceptedCopy[],
  made: { id: string; created_at: number },
): AcceptedMessage {
  const { relay: pinned, ...kept } = terms
  return {
    ...made,
    ...kept,
    key_id: owner.id,
    sandbox: owner.key?.sandbox ?? false,
    relays,
    pinned: pinned !== null,
    sender: envelope.sender,
    from,
    notify: envelope.notify,
    require_tls: envelope.require_tls,
    message_id,
    copies,
    recipients: envelope.recipients.map(({ address, kind }, index) => ({
      address,
      kind,
      ...servedBy(protection, index),
    })),
    key_changes: protection.changes,
  }
}

/** One who is withheld is never tried, whatever copy there is. */
function servedBy(
  { recipients }: ProtectionPlan,
  index: number,
): Pick<AcceptedRecipient, 'copy' | 'state' | 'protection'> {
  const planned = recipients[index]
  if (!planned) throw new Error('the plan leaves a recipient out')
  const { copy, protection, protocol, key, code, reason } = planned
  const isAsked = protection !== 'none' || code !== null
  return {
    copy: copy ?? 0,
    state: copy === null ? 'suppressed' : 'queued',
    protection: isAsked ? { protection, protocol, key, code, reason } : null,
  }
}

/** A Message-ID at the author's domain, made once and kept over every try (RFC 5322 §3.6.4). */
export function newHeaderMessageId(from: string, now: number): string {
  return `<${newId('msg', now).slice('msg_'.length)}@${asciiDomainOf(from)}>`
}
