/** A gateway without providers, policy and keys: every message goes as it was composed. */

import { ProtectionError } from '../../src/domain/protection-error.ts'
import type { Deps } from '../../src/http/context.ts'
import { plainPlan } from './plain-plan.ts'

export const WITHOUT_PROTECTION: Pick<
  Deps,
  'e2ee' | 'planProtection' | 'remoteSigner' | 'providerContext'
> = {
  e2ee: {
    protocols: [],
    load: async () => {
      throw new ProtectionError('provider.missing')
    },
  },
  planProtection: async (input) => plainPlan(input),
  remoteSigner: () => {
    throw new ProtectionError('signer.not_configured')
  },
  providerContext: {
    outside: async () => ({ problem: 'refused', detail: 'nothing is asked here' }),
    cache: { get: () => undefined, set: () => undefined },
  },
}
