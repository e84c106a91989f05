/** What becomes of a submission's protection, refused where it can't be had. */

import type { PlanInput, PlanProtection, ProtectionPlan } from '../ports/protection-plan.ts'
import { asProblem, refuseUnprotectable } from './protection-problem.ts'
import type { Envelope } from './submission-envelope.ts'

export interface PlanDeps {
  planProtection: PlanProtection
}

export type PlanFacts = Pick<PlanInput, 'request' | 'already' | 'at' | 'sandbox' | 'unasked'>

/** @throws PosternError where there can be no plan; recipients that can't be had stand in it */
export function planOf(
  { planProtection }: PlanDeps,
  from: string,
  { recipients }: Envelope,
  facts: PlanFacts,
): Promise<ProtectionPlan> {
  return asProblem(() =>
    planProtection({
      from,
      recipients: recipients.map(({ address, kind, keys }) => ({ address, kind, keys })),
      ...facts,
    }),
  )
}

/** @throws PosternError with a code of protection: nothing may be sent */
export async function planSubmission(
  { planProtection }: PlanDeps,
  /** Header From's addr-spec, and where the request names it. */
  from: { address: string; at: string },
  envelope: Envelope,
  facts: PlanFacts,
): Promise<ProtectionPlan> {
  const input = { ...facts, unasked: true }
  const plan = await planOf({ planProtection }, from.address, envelope, input)
  refuseUnprotectable(plan, { from: from.at, recipients: envelope.recipients.map(({ at }) => at) })
  return plan
}
