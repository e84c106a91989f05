/** From what was found for each recipient to what each gets: nothing here asks anybody. */

import type { AppliedPolicy } from '../domain/apply-policy.ts'
import type { E2eeCode } from '../domain/e2ee-code.ts'
import { withoutKey } from '../domain/missing-key.ts'
import type { KeyRecord, Protocol } from '../ports/e2ee-provider.ts'
import type { FoundKey } from './find-key.ts'

export interface Prospect {
  policy: AppliedPolicy
  /** Null: nothing asks for encryption. */
  found: FoundKey | null
}

export type Decision =
  | { way: 'encrypt'; protocol: Protocol; key: KeyRecord }
  | { way: 'plain' | 'withhold' | 'reject'; why: Why | null }

/** Why it is not more than that, or not at all. */
export interface Why {
  code: E2eeCode
  reason: string
}

/** In the order of `prospects`. */
export function decide(prospects: readonly Prospect[]): Decision[] {
  const alone = prospects.map(decideAlone)
  const isPlainForAll = alone.some(({ forAll }) => forAll)
  return alone.map(({ decision }, index) => {
    const policy = prospects[index]?.policy
    return isPlainForAll && decision.way === 'encrypt' && policy && allowsPlain(policy)
      ? { way: 'plain', why: PLAIN_FOR_ALL }
      : decision
  })
}

function decideAlone({ policy, found }: Prospect): { decision: Decision; forAll: boolean } {
  if (!found) return { decision: { way: 'plain', why: null }, forAll: false }
  if ('key' in found) {
    const { protocol, key } = found
    return { decision: { way: 'encrypt', protocol, key }, forAll: false }
  }
  const { code, reason } = found.fault
  const way = withoutKey(policy, found.fault)
  const forAll = way === 'plain-for-all'
  return { decision: { way: forAll ? 'plain' : way, why: { code, reason } }, forAll }
}

/** The rule of one recipient takes nothing from another whose own rule demands encryption. */
function allowsPlain({ encrypt, missing_key }: AppliedPolicy): boolean {
  return encrypt !== 'require' || missing_key === 'plain-for-all'
}

const PLAIN_FOR_ALL: Why = {
  code: 'policy.plain_for_all',
  reason: 'another recipient has no usable key, and the policy then has all get it in clear',
}
