import type { PlanInput, ProtectionPlan } from '../../src/ports/protection-plan.ts'

/** Nobody asks for protection: one copy for all, as it was composed. */
export function plainPlan({ recipients }: PlanInput): ProtectionPlan {
  return {
    copies: [{ role: 'named', recipients: recipients.map((_, index) => index), protect: null }],
    recipients: recipients.map(({ address }) => ({
      address,
      decision: 'plain',
      protection: 'none',
      protocol: null,
      key: null,
      code: null,
      reason: null,
      copy: 0,
    })),
    changes: [],
  }
}
