/**
 * From a parsed request to an accepted message: its template and every check first, then the relay, then composition
 * and signature, then one call to the outbox. Anything wrong is refused before something is stored.
 */

import { assertMaySend, type Bindings } from '../domain/binding.ts'
import { composeMessage } from '../mime/compose.ts'
import type { ProtectionPlan } from '../ports/protection-plan.ts'
import { acceptSubmission, newHeaderMessageId, type SubmitDeps } from './accept-submission.ts'
import { type Acceptance, type Placement, recallOnce } from './idempotent-accept.ts'
import type { TemplateDeps } from './render-template.ts'
import { carriersOf, checkSandboxAddresses, homeOf } from './sandbox.ts'
import { type CheckedSubmission, checkSubmission } from './submission-check.ts'
import { planSubmission } from './submission-protection.ts'
import { checkPinnedRelay } from './submission-relays.ts'
import type { FilePart, MessageRequest } from './submission-request.ts'
import { fillTemplate } from './submission-template.ts'
import { Violations } from './violations.ts'

export interface Submitter {
  /** The API key's id, or `admin`, or `trigger` and its name. */
  id: string
  /** Null: bound to nothing. */
  key: (Bindings & { sandbox: boolean }) | null
}

export interface SubmittedRequest {
  request: MessageRequest
  files: FilePart[]
}

export interface SubmitContext {
  submitter: Submitter
  placement: Placement
  /** Where the API is reached: for the call that a refusal suggests. */
  origin: string
}

/**
 * Accepts a message, or answers with what the same keyed request came to before.
 * @throws PosternError `request.invalid` with all violations, `auth.binding`, `relay.none`, a code of protection, `idempotency.*`, `storage.full`, `server.busy`
 */
export async function submitMessage(
  deps: SubmitDeps & TemplateDeps,
  submitted: SubmittedRequest,
  context: SubmitContext,
): Promise<Acceptance> {
  const home = homeOf(deps, context.submitter)
  return refusedUnlessRecalled(home, context.placement, async () => {
    const { checked, ...decided } = await judgeSubmission(home, submitted, context)
    return () => acceptChecked(home, context, checked, decided)
  })
}

/**
 * A keyed request may be refused now for a reason that did not hold when it was first made (a time that has passed, a
 * relay that is gone): the first answer goes before the refusal.
 */
async function refusedUnlessRecalled(
  deps: SubmitDeps,
  placement: Placement,
  judge: () => Promise<() => Promise<Acceptance>>,
): Promise<Acceptance> {
  let accept: () => Promise<Acceptance>
  try {
    accept = await judge()
  } catch (refusal) {
    const earlier = await recallOnce(deps, placement)
    if (earlier) return earlier
    throw refusal
  }
  return accept()
}

/** What the gateway decided about a sound submission. */
interface Decided {
  relays: string[]
  protection: ProtectionPlan
}

/** Everything that may be wrong with it is thrown; nothing is composed or stored. */
export async function judgeSubmission(
  deps: SubmitDeps & TemplateDeps,
  { request: asked, files }: SubmittedRequest,
  { submitter, origin }: Omit<SubmitContext, 'placement'>,
): Promise<Decided & { checked: CheckedSubmission }> {
  const violations = new Violations()
  const { maxRecipients } = deps.settings
  const { request, template } = await fillTemplate(deps, violations, asked)
  const checked = checkSubmission(violations, request, files, {
    now: deps.clock.now(),
    maxRecipients,
    template,
  })
  const { content, envelope, terms } = checked
  const choice = {
    relays: await deps.relays.list(),
    submitter,
    from: content.from.address,
    pinned: terms.relay,
  }
  checkPinnedRelay(violations, choice)
  checkSandboxAddresses(violations, submitter, envelope.recipients)
  violations.throwIfAny()
  assertMaySend(submitter, {
    senders: [envelope.sender, content.from.address],
    recipients: envelope.recipients.map(({ address }) => address),
    relay: terms.relay,
  })
  const relays = carriersOf(choice, envelope.recipients, origin)
  const author = { address: content.from.address, at: '/from' }
  const protection = await planSubmission(deps, author, envelope, {
    request: checked.encryption,
    already: false,
    at: terms.send_at ?? deps.clock.now(),
    sandbox: submitter.key?.sandbox ?? false,
  })
  return { checked, relays, protection }
}

async function acceptChecked(
  deps: SubmitDeps,
  { submitter, placement }: SubmitContext,
  { content, envelope, terms }: CheckedSubmission,
  decided: Decided,
): Promise<Acceptance> {
  const now = deps.clock.now()
  const from = content.from.address
  const messageId = newHeaderMessageId(from, now)
  const submission = { ...content, date: terms.send_at ?? now, message_id: messageId }
  return acceptSubmission(deps, submitter, {
    envelope,
    terms,
    ...decided,
    from,
    message_id: messageId,
    compose: () => composeMessage(submission),
    place: placement.place,
    claim: () => placement.claim,
    earlyClaim: placement.claim,
  })
}
