/** The operator's rules of signing and encryption: read and replaced as one document. */

import { type Bound, isUnbound } from '../domain/binding.ts'
import type { PolicyRule } from '../domain/e2ee-policy.ts'
import { PosternError } from '../domain/errors.ts'
import { readAddressPatterns } from '../domain/read-address-pattern.ts'
import type { ProviderRegistry } from '../ports/e2ee-registry.ts'
import type { PolicyStore } from '../ports/e2ee-stores.ts'
import { Violations } from './violations.ts'

export interface PolicyWork {
  policies: PolicyStore
  e2ee: ProviderRegistry
}

export interface PolicyRequest {
  rules: (Omit<PolicyRule, 'senders' | 'recipients'> &
    Partial<Pick<PolicyRule, 'senders' | 'recipients'>>)[]
}

export async function readPolicy({ policies }: PolicyWork): Promise<{ rules: PolicyRule[] }> {
  return { rules: await policies.read({ fresh: true }) }
}

/** @throws PosternError `auth.binding`, `request.invalid`; then the rules stay as they were */
export async function replacePolicy(
  { policies, e2ee }: PolicyWork,
  caller: Bound,
  request: PolicyRequest,
): Promise<{ rules: PolicyRule[] }> {
  if (!isUnbound(caller)) {
    const detail = 'the policy holds for everybody: a key that is bound does not change it'
    throw new PosternError('auth.binding', detail)
  }
  const violations = new Violations()
  const rules = request.rules.map((rule, index): PolicyRule => {
    const at = `/rules/${index}`
    checkProviders(violations, e2ee.protocols, rule, at)
    return {
      ...rule,
      senders: patterns(violations, rule.senders, `${at}/senders`),
      recipients: patterns(violations, rule.recipients, `${at}/recipients`),
    }
  })
  violations.throwIfAny()
  await policies.replace(rules)
  return { rules }
}

function patterns(
  violations: Violations,
  list: string[] | null | undefined,
  at: string,
): string[] | null {
  return list ? readAddressPatterns(list, at, violations.list) : null
}

/** A rule that no provider can carry out would stop the mail that it is for. */
function checkProviders(
  violations: Violations,
  configured: readonly string[],
  { sign = 'off', encrypt = 'off', protocols }: PolicyRequest['rules'][number],
  at: string,
): void {
  for (const [index, protocol] of (protocols ?? []).entries()) {
    if (configured.includes(protocol)) continue
    const known = configured.length > 0 ? `there is ${configured.join(', ')}` : 'there is none'
    violations.add(`${at}/protocols/${index}`, 'protocol.unknown', `no provider for it: ${known}`)
  }
  if (configured.length > 0) return
  for (const [field, wish] of [
    ['sign', sign],
    ['encrypt', encrypt],
  ]) {
    if (wish === 'off') continue
    violations.add(`${at}/${field}`, 'protocol.unknown', 'the setting E2EE_PROVIDERS names none')
  }
}
