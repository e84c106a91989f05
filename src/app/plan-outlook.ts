/** Adds the signature to what was decided on encryption: all that one recipient's copy will be, or why there is none. */

import { type AppliedPolicy, protocolOrder } from '../domain/apply-policy.ts'
import type { ProtectOperation } from '../domain/protected-entity.ts'
import type { Protocol } from '../ports/e2ee-provider.ts'
import type { Decision, Why } from './decide-protection.ts'
import { type FoundSigner, forbidsUnsigned, type Signers } from './find-signer.ts'
import type { Share } from './plan-copies.ts'

export type Outlook =
  | { decision: 'send'; protect: Share['protect']; why: Why | null }
  | { decision: 'withhold' | 'reject'; protect: null; why: Why }

export interface SigningTerms {
  signers: Signers
  /** In the order of the settings. */
  configured: readonly Protocol[]
  /** What a protocol's provider can do; asked only where a key of it was found. */
  operations(protocol: Protocol): Promise<readonly ProtectOperation[]>
}

export async function outlook(
  decision: Decision,
  policy: AppliedPolicy,
  terms: SigningTerms,
): Promise<Outlook> {
  switch (decision.way) {
    case 'encrypt':
      return encrypted(decision, policy, terms)
    case 'plain':
      return unencrypted(decision.why, policy, terms)
    default:
      return { decision: decision.way, protect: null, why: decision.why ?? NO_REASON }
  }
}

async function encrypted(
  { protocol, key }: Extract<Decision, { way: 'encrypt' }>,
  policy: AppliedPolicy,
  { signers, operations }: SigningTerms,
): Promise<Outlook> {
  const isAsked = policy.sign !== 'off'
  const found =
    isAsked || policy.sign_encrypted ? await signers.among([protocol], 'sign+encrypt') : null
  if (found && 'identity' in found) {
    const { identity } = found
    const protect = { operation: 'sign+encrypt', protocol, identity, key } as const
    return { decision: 'send', protect, why: null }
  }
  const fault = found?.fault ?? null
  if (fault && isUnsignedRefused(fault, policy))
    return { decision: 'reject', protect: null, why: fault }
  if (!(await operations(protocol)).includes('encrypt')) {
    const reason = `the provider of ${protocol} encrypts only what it signs`
    const why = fault ?? { code: 'provider.unsupported_operation', reason }
    return { decision: 'reject', protect: null, why }
  }
  // Nobody asked for a signature: then only one that there should have been is worth a word.
  const isToTell = fault !== null && (isAsked || fault.code !== 'signer.not_configured')
  const protect = { operation: 'encrypt', protocol, identity: null, key } as const
  return { decision: 'send', protect, why: isToTell ? fault : null }
}

async function unencrypted(
  why: Why | null,
  policy: AppliedPolicy,
  { signers, configured }: SigningTerms,
): Promise<Outlook> {
  if (policy.sign === 'off') return { decision: 'send', protect: null, why }
  const found: FoundSigner = await signers.among(protocolOrder(policy, configured), 'sign')
  if ('identity' in found) {
    const protect = { operation: 'sign', ...found, key: null } as const
    return { decision: 'send', protect, why }
  }
  if (isUnsignedRefused(found.fault, policy))
    return { decision: 'reject', protect: null, why: found.fault }
  return { decision: 'send', protect: null, why: why ?? found.fault }
}

function isUnsignedRefused(fault: Why, { sign }: AppliedPolicy): boolean {
  return sign === 'require' || (sign === 'prefer' && forbidsUnsigned(fault))
}

const NO_REASON: Why = {
  code: 'policy.encryption_required',
  reason: 'the policy demands encryption',
}
