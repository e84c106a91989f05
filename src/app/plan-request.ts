/** The dry run: what would become of a message's protection, for each recipient, and why. Nothing is sent or stored. */

import { assertMaySend } from '../domain/binding.ts'
import { E2EE_CODES, type E2eeParty } from '../domain/e2ee-code.ts'
import type { ProtectionRequest } from '../domain/e2ee-policy.ts'
import type { ProtectOperation } from '../domain/protected-entity.ts'
import type { Clock } from '../ports/clock.ts'
import type { PlannedRecipient, ProtectionPlan } from '../ports/protection-plan.ts'
import { encryptionOf } from './submission-check.ts'
import { checkAddressees } from './submission-envelope.ts'
import { type PlanDeps, planOf } from './submission-protection.ts'
import type { MessageRequest } from './submission-request.ts'
import type { Submitter } from './submit-message.ts'
import { Violations } from './violations.ts'

export interface PlanRequestWork extends PlanDeps {
  clock: Clock
  settings: { maxRecipients: number }
}

export type PlanRequest = Pick<MessageRequest, 'from' | 'to' | 'cc' | 'bcc' | 'encryption'>

export interface PlanDocument {
  would: 'send' | 'reject'
  copies: {
    role: 'named' | 'bcc'
    recipients: string[]
    protocol: string | null
    operation: ProtectOperation | null
  }[]
  recipients: (PlannedRecipient & {
    party: E2eeParty | null
    retryable: boolean | null
    hint: string | null
  })[]
}

/** @throws PosternError `request.invalid`, `auth.binding`, `policy.loosening_refused`, `provider.missing`, `key.unused` */
export async function planRequest(
  { clock, settings, planProtection }: PlanRequestWork,
  caller: Pick<Submitter, 'key'>,
  request: PlanRequest,
): Promise<PlanDocument> {
  const violations = new Violations()
  const { from, envelope } = checkAddressees(violations, request, settings.maxRecipients)
  violations.throwIfAny()
  const { recipients } = envelope
  assertMaySend(caller, {
    senders: [from.address],
    recipients: recipients.map(({ address }) => address),
    relay: null,
  })
  const asked: ProtectionRequest | null = encryptionOf(request)
  const plan = await planOf({ planProtection }, from.address, envelope, {
    request: asked,
    already: false,
    at: clock.now(),
    sandbox: caller.key?.sandbox ?? false,
  })
  return planDocument(plan)
}

function planDocument({ copies, recipients }: ProtectionPlan): PlanDocument {
  return {
    would: copies.length > 0 ? 'send' : 'reject',
    copies: copies.map((copy) => ({
      role: copy.role,
      recipients: copy.recipients.flatMap((index) => recipients[index]?.address ?? []),
      protocol: copy.protect?.protocol ?? null,
      operation: copy.protect?.operation ?? null,
    })),
    recipients: recipients.map((recipient) => {
      const {
        party = null,
        retryable = null,
        hint = null,
      } = recipient.code ? E2EE_CODES[recipient.code] : {}
      return { ...recipient, party, retryable, hint }
    }),
  }
}
