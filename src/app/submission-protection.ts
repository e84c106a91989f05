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
  from: string,
  { recipients }: Envelope,
  facts: Pick<PlanInput, 'request' | 'already' | 'at' | 'sandbox'>,
): Promise<ProtectionPlan> {
  const plan = await asProblem(() =>
    planProtection({
      from,
      recipients: recipients.map(({ address, kind, keys }) => ({ address, kind, keys })),
      ...facts,
    }),
  )
  refuseUnprotectable(
    plan,
    recipients.map(({ at }) => at),
  )
  return plan
}
