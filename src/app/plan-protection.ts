/**
 * What will be signed and encrypted, for whom, in which copies: decided from policy, keys and identities, before anything
 * secret is touched. Whoever must have it encrypted gets it so, or what the operator's rules say for that case.
 */

import { type AppliedPolicy, applyPolicy } from '../domain/apply-policy.ts'
import type { ProtectionRequest } from '../domain/e2ee-policy.ts'
import { ProtectionError } from '../domain/protection-error.ts'
import type { KeyRecord, Protocol } from '../ports/e2ee-provider.ts'
import type { PolicyStore } from '../ports/e2ee-stores.ts'
import type { PlanInput, ProtectionPlan } from '../ports/protection-plan.ts'
import { assemblePlan, type Fate } from './assemble-plan.ts'
import { decide, type Why } from './decide-protection.ts'
import { type FindKeyWork, findKey } from './find-key.ts'
import { Signers, type SigningWork } from './find-signer.ts'
import { inTurns } from './in-turns.ts'
import { loadProvider } from './load-provider.ts'
import { type Outlook, outlook } from './plan-outlook.ts'
import { refusedUnasked } from './refuse-unasked.ts'
import { DISCOVERED_PROTOCOLS } from './take-discovered.ts'
import { inClear } from './told-in-clear.ts'

export interface PlanWork extends FindKeyWork, SigningWork {
  policies: PolicyStore
}

/**
 * Without rules and without a request it reads nothing but the policy.
 * @throws ProtectionError `policy.loosening_refused`, `provider.missing`, `key.unused`
 */
export async function planProtection(work: PlanWork, input: PlanInput): Promise<ProtectionPlan> {
  const rules = await work.policies.read()
  const { from, recipients, request, already, sandbox, at: sentAt } = input
  checkProtocol(request, work.registry.protocols)
  const policies = recipients.map(({ address }) => {
    const policy = applyPolicy(rules, { from, recipient: address }, request)
    return sandbox ? { ...policy, discovery: false } : policy
  })
  checkKeysHaveUse(recipients, policies)
  if (already) return { ...assemblePlan(asItIs(recipients, policies), new Map()), changes: [] }
  const signers = new Signers(work, { from, at: sentAt, sandbox })
  if (input.unasked && policies.some((policy) => mayLookUp(policy, work.registry.protocols))) {
    const refused = await refusedUnasked(work, { recipients, policies, signers, at: sentAt })
    if (refused) return { ...assemblePlan(refused, new Map()), changes: [] }
  }
  const found = await inTurns(recipients, async ({ address, keys: given }, index) => {
    const policy = at(policies, index)
    return policy.encrypt === 'off' ? null : findKey(work, { address, policy, given, at: sentAt })
  })
  const decisions = decide(policies.map((policy, index) => ({ policy, found: at(found, index) })))
  const outlooks = await inTurns(recipients, (_, index) =>
    outlook(at(decisions, index), at(policies, index), {
      signers,
      configured: work.registry.protocols,
      operations: async (protocol) =>
        (await loadProvider(work.registry, protocol)).describe().operations,
    }),
  )
  const fates = recipients.map((recipient, index) => ({
    recipient,
    policy: at(policies, index),
    outlook: at(outlooks, index),
  }))
  const selfKeys = new Map<Protocol, KeyRecord[]>()
  for (const protocol of encryptingProtocols(fates)) {
    selfKeys.set(protocol, await signers.selfKeys(protocol))
  }
  const changes = found.flatMap((one) => (one && 'key' in one && one.change ? [one.change] : []))
  const in_clear = inClear(fates)
  return { ...assemblePlan(fates, selfKeys), changes, ...(in_clear && { in_clear }) }
}

function checkProtocol(request: ProtectionRequest | null, configured: readonly Protocol[]): void {
  const protocol = request?.protocol ?? 'auto'
  if (protocol === 'auto' || configured.includes(protocol)) return
  throw new ProtectionError('provider.missing', `no provider for ${protocol} is configured`)
}

/** Whoever gives a key means to encrypt: that it comes to nothing is said, not found out. */
function checkKeysHaveUse(recipients: PlanInput['recipients'], policies: AppliedPolicy[]): void {
  const unused = recipients.find(
    ({ keys }, index) => keys.length > 0 && at(policies, index).encrypt === 'off',
  )
  if (unused) throw new ProtectionError('key.unused', undefined, { address: unused.address })
}

function mayLookUp(
  { encrypt, discovery }: AppliedPolicy,
  configured: readonly Protocol[],
): boolean {
  const isAsked = encrypt !== 'off' && discovery
  return isAsked && configured.some((protocol) => DISCOVERED_PROTOCOLS.includes(protocol))
}

/** Content that is protected already can't be protected here: it goes as it is, or not at all. */
function asItIs(recipients: PlanInput['recipients'], policies: AppliedPolicy[]): Fate[] {
  return recipients.map((recipient, index) => {
    const policy = at(policies, index)
    const wishes = [policy.sign, policy.encrypt]
    const why = wishes.every((wish) => wish === 'off') ? null : AS_IT_IS
    const outlook: Outlook = wishes.includes('require')
      ? { decision: 'reject', protect: null, why: ALREADY }
      : { decision: 'send', protect: null, why }
    return { recipient, policy, outlook }
  })
}

const ALREADY: Why = {
  code: 'message.already_protected',
  reason: 'what signed or encrypted it already can not be told here to be what is demanded',
}

const AS_IT_IS: Why = {
  code: 'message.already_protected',
  reason: 'it came signed or encrypted, and goes as it came',
}

function encryptingProtocols(fates: readonly Fate[]): Set<Protocol> {
  return new Set(
    fates.flatMap(({ policy, outlook: { decision, protect } }) =>
      decision === 'send' && protect?.key && policy.self ? [protect.protocol] : [],
    ),
  )
}

function at<T>(list: readonly T[], index: number): T {
  if (index >= list.length) throw new RangeError('no such recipient')
  return list[index] as T
}
