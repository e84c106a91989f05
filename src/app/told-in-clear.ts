/** What goes out in clear though the rules require encryption: a rule says so for a missing key, and the log names it. */

import type { InClear } from '../ports/protection-plan.ts'
import type { Fate } from './assemble-plan.ts'

/** Undefined where there is none. */
export function inClear(fates: readonly Fate[]): InClear | undefined {
  const codes: Record<string, number> = {}
  let isForAll = false
  for (const { policy, outlook } of fates) {
    const { decision, protect, why } = outlook
    const isByAnother = why?.code === 'policy.plain_for_all'
    const isRequired = policy.encrypt === 'require' || isByAnother
    if (decision !== 'send' || protect?.key || !isRequired || !why) continue
    codes[why.code] = (codes[why.code] ?? 0) + 1
    isForAll ||= isByAnother || policy.missing_key === 'plain-for-all'
  }
  if (Object.keys(codes).length === 0) return undefined
  return { missing_key: isForAll ? 'plain-for-all' : 'plain-for-others', codes }
}
