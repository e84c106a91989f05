/**
 * What refuses a message whatever its recipients' domains publish: found before any of them is asked. A lookup tells a domain of
 * mail that is coming, and one request may be made to ask fifty.
 */

import { type AppliedPolicy, protocolOrder } from '../domain/apply-policy.ts'
import type { PlanInput } from '../ports/protection-plan.ts'
import type { Fate } from './assemble-plan.ts'
import { decide, type Why } from './decide-protection.ts'
import { findStored } from './find-key.ts'
import type { Signers } from './find-signer.ts'
import { inTurns } from './in-turns.ts'
import type { PlanWork } from './plan-protection.ts'

export interface Unasked {
  recipients: PlanInput['recipients']
  /** Of the recipients. */
  policies: readonly AppliedPolicy[]
  signers: Signers
  at: number
}

/** Null where nothing does. Of the others nothing is said: they were not looked into. */
export async function refusedUnasked(
  work: PlanWork,
  { recipients, policies, signers, at }: Unasked,
): Promise<Fate[] | null> {
  const judged = await inTurns(recipients, async (recipient, index) => {
    const policy = policies[index] as AppliedPolicy
    const why =
      (await unsigned(policy, signers, work.registry.protocols)) ??
      (await unencrypted(work, recipient, policy, at))
    return { recipient, policy, why }
  })
  if (judged.every(({ why }) => why === null)) return null
  return judged.map(({ why, ...fate }) => ({
    ...fate,
    outlook: why
      ? { decision: 'reject', protect: null, why }
      : { decision: 'send', protect: null, why: null },
  }))
}

/** A signature that must be there and that no protocol can give, encrypted or not. */
async function unsigned(
  policy: AppliedPolicy,
  signers: Signers,
  configured: readonly string[],
): Promise<Why | null> {
  // Whoever has no key may be left out instead.
  const isLeftOut = policy.encrypt !== 'off' && policy.missing_key === 'withhold-recipient'
  if (policy.sign !== 'require' || isLeftOut) return null
  const order = protocolOrder(policy, configured)
  const encrypted = policy.encrypt === 'off' ? null : await signers.among(order, 'sign+encrypt')
  if (encrypted && 'identity' in encrypted) return null
  const alone = await signers.among(order, 'sign')
  return 'identity' in alone ? null : (encrypted ?? alone).fault
}

async function unencrypted(
  work: PlanWork,
  { address, keys }: PlanInput['recipients'][number],
  policy: AppliedPolicy,
  at: number,
): Promise<Why | null> {
  if (policy.encrypt === 'off') return null
  const found = await findStored(work, { address, policy, given: keys, at })
  if (found === 'open') return null
  const [decision] = decide([{ policy, found }])
  return decision?.way === 'reject' ? decision.why : null
}
