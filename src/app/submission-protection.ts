/** What becomes of a submission's protection, refused where it can't be had. */

import type { PlanInput, PlanProtection, ProtectionPlan } from '../ports/protection-plan.ts'
import { asProblem, refuseUnprotectable } from './protection-problem.ts'
import type { Envelope } from './submission-envelope.ts'

export interface PlanDeps {
  planProtection: PlanProtection
}

/** @throws PosternError with a code of protection: nothing may be sent */
export async function planSubmission(
  { planProtection }: PlanDeps,
  /** Header From's addr-spec, and where the request names it. */
  from: { address: string; at: string },
  { recipients }: Envelope,
  facts: Pick<PlanInput, 'request' | 'already' | 'at' | 'sandbox'>,
): Promise<ProtectionPlan> {
  const plan = await asProblem(() =>
    planProtection({
      from: from.address,
      recipients: recipients.map(({ address, kind, keys }) => ({ address, kind, keys })),
      ...facts,
    }),
  )
  refuseUnprotectable(plan, { from: from.at, recipients: recipients.map(({ at }) => at) })
  return plan
}
