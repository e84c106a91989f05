/** Planning with lookups: each message asks for an address once at most, and waits for all of them only so long. */

import type { PlanProtection } from '../ports/protection-plan.ts'
import { KeyFinder, type KeyFinderParts } from './discover-keys.ts'
import { type PlanWork, planProtection } from './plan-protection.ts'

export interface PlannerParts extends Omit<PlanWork, 'discover'> {
  lookups: Omit<KeyFinderParts, 'clock'>
  /** For the lookups of one message; asked for when the first of them begins. */
  deadline(): AbortSignal
}

export function protectionPlanner({ lookups, deadline, ...work }: PlannerParts): PlanProtection {
  return (input) => {
    const finder = new KeyFinder({ ...lookups, clock: work.clock })
    let abort: AbortSignal | undefined
    const discover: PlanWork['discover'] = (address, options) => {
      abort ??= deadline()
      return finder.find(address, abort, options)
    }
    return planProtection({ ...work, discover }, input)
  }
}
