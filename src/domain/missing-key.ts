/** What becomes of a recipient to whom nothing can be encrypted: the policy's answer to every fault of a key. */

import { E2EE_CODES, type E2eeCode } from './e2ee-code.ts'
import type { ProtectionPolicy } from './e2ee-policy.ts'

export interface KeyFault {
  code: E2eeCode
  /** A sentence; no key octets. */
  reason: string
  /** It concerns a key that somebody chose by hand for this address: pinned, or given in the request. */
  chosen: boolean
}

/** `plain-for-all`: in clear, and with this one all whose own policy allows it. */
export type WithoutKey = 'plain' | 'plain-for-all' | 'withhold' | 'reject'

/**
 * Faults that never lead to clear text, not even where encryption is only preferred: a service that doesn't answer, or
 * hasn't for long, says nothing of keys; a pin that doesn't fit says that somebody may be lying; and two keys that fit are no want
 * of keys.
 */
const NEVER_PLAIN: readonly E2eeCode[] = ['key.pin_mismatch', 'key.stale', 'key.ambiguous']
const OURS: readonly E2eeCode[] = ['provider.missing', 'provider.failed']

export function forbidsPlain({ code, chosen }: KeyFault): boolean {
  return chosen || E2EE_CODES[code].retryable || NEVER_PLAIN.includes(code) || OURS.includes(code)
}

export function withoutKey(
  { encrypt, missing_key }: Pick<ProtectionPolicy, 'encrypt' | 'missing_key'>,
  fault: KeyFault,
): WithoutKey {
  // Withheld now is lost for good, though the same request may succeed in a minute; and what fails here is no recipient's fault.
  if (E2EE_CODES[fault.code].retryable || OURS.includes(fault.code)) return 'reject'
  if (encrypt !== 'require' && !forbidsPlain(fault)) return 'plain'
  if (missing_key === 'withhold-recipient') return 'withhold'
  if (encrypt !== 'require' || forbidsPlain(fault)) return 'reject'
  switch (missing_key) {
    case 'plain-for-others':
      return 'plain'
    case 'plain-for-all':
      return 'plain-for-all'
    default:
      return 'reject'
  }
}

/** Of several faults, one for each protocol tried, the one to tell: first what forbids clear text, last that there is no key. */
export function worstFault(faults: readonly KeyFault[]): KeyFault | undefined {
  const weight = (fault: KeyFault) => {
    if (E2EE_CODES[fault.code].retryable) return 3
    if (forbidsPlain(fault)) return 2
    return fault.code === 'key.absent' ? 0 : 1
  }
  return [...faults].sort((one, other) => weight(other) - weight(one))[0]
}
