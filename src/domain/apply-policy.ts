/** The policy for one recipient of one request: what the rules say, tightened by what the request says. */

import { matchesAnyAddress } from './address-pattern.ts'
import {
  DEFAULT_POLICY,
  type PolicyRule,
  type ProtectionPolicy,
  type ProtectionRequest,
  type Wish,
} from './e2ee-policy.ts'
import { lookupAddress } from './lookup-address.ts'
import { ProtectionError } from './protection-error.ts'

export interface AppliedPolicy extends ProtectionPolicy {
  /** No rule itself says `sign: off`: then what is encrypted is signed wherever the sender can. */
  sign_encrypted: boolean
  /** The one protocol that the request asks for. */
  protocol: string | null
  /** The request itself requires encryption: then in `protocol`, where it names one, and in no other. */
  encrypt_required_by_request: boolean
}

const WISHES: readonly Wish[] = ['off', 'prefer', 'require']

/** @throws ProtectionError `policy.loosening_refused` naming what the request and what the policy says */
export function applyPolicy(
  rules: readonly PolicyRule[],
  { from, recipient }: { from: string; recipient: string },
  request: ProtectionRequest | null,
): AppliedPolicy {
  const stated = statedBy(rules, from, recipient)
  const policy = { ...DEFAULT_POLICY, ...stated }
  const isRequired = request?.encrypt === 'require'
  const tighter = (field: 'sign' | 'encrypt') => tighten(field, policy[field], request, recipient)
  return {
    ...policy,
    sign: tighter('sign'),
    encrypt: tighter('encrypt'),
    missing_key:
      isRequired && policy.missing_key.startsWith('plain-') ? 'reject-all' : policy.missing_key,
    sign_encrypted: stated.sign !== 'off',
    protocol: protocolOf(policy, request, recipient),
    encrypt_required_by_request: isRequired,
  }
}

/** Each field is that of the first rule that matches and states it. */
function statedBy(
  rules: readonly PolicyRule[],
  from: string,
  recipient: string,
): Partial<ProtectionPolicy> {
  const matching = rules.filter(
    ({ senders, recipients }) =>
      (senders === null || matches(senders, from)) &&
      (recipients === null || matches(recipients, recipient)),
  )
  const stated: Partial<ProtectionPolicy> = {}
  for (const { senders, recipients, ...fields } of matching.reverse()) {
    Object.assign(stated, fields)
  }
  return stated
}

/** As keys are found: nobody gets out of a rule by writing `Bo@` for `bo@`. */
function matches(patterns: readonly string[], address: string): boolean {
  return matchesAnyAddress(patterns.map(lookupAddress), lookupAddress(address))
}

function tighten(
  field: 'sign' | 'encrypt',
  policy: Wish,
  request: ProtectionRequest | null,
  recipient: string,
): Wish {
  const wish = request?.[field] ?? policy
  if (WISHES.indexOf(wish) >= WISHES.indexOf(policy)) return wish
  throw refusal(`${field}: ${wish}`, `${field}: ${policy}`, recipient)
}

function protocolOf(
  { protocols }: ProtectionPolicy,
  request: ProtectionRequest | null,
  recipient: string,
): string | null {
  const wanted = request?.protocol ?? 'auto'
  if (wanted === 'auto') return null
  if (protocols === null || protocols.includes(wanted)) return wanted
  throw refusal(`protocol: ${wanted}`, `protocols: ${protocols.join(', ')}`, recipient)
}

function refusal(asked: string, policy: string, recipient: string): ProtectionError {
  const detail = `the request says ${asked}, the policy ${policy}`
  return new ProtectionError('policy.loosening_refused', detail, { address: recipient })
}

/**
 * In which order protocols are tried. One that the request names goes first; the others stay behind it, so that naming one
 * takes encryption from nobody, unless the request itself requires encryption.
 */
export function protocolOrder(policy: AppliedPolicy, configured: readonly string[]): string[] {
  const { protocol } = policy
  if (protocol !== null && policy.encrypt_required_by_request) return [protocol]
  const allowed = policy.protocols ?? configured
  return protocol === null ? [...allowed] : [protocol, ...allowed.filter((one) => one !== protocol)]
}
