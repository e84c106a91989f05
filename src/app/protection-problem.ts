/** Why a message can't be protected, as the answer to its request: nothing was stored, and nothing goes out in clear. */

import { E2EE_CODES } from '../domain/e2ee-code.ts'
import { PosternError } from '../domain/errors.ts'
import { isProtectionError, type ProtectionError } from '../domain/protection-error.ts'
import type { PlannedRecipient, ProtectionPlan } from '../ports/protection-plan.ts'

const RETRY_AFTER_S = 60
const NOTHING_SENT = 'Nothing was sent'

/** Pointers into the request. */
export interface PlanPointers {
  from: string
  /** Of each recipient of the plan. */
  recipients: readonly string[]
}

/**
 * What keeps it from being signed is told of the author, once.
 * @throws PosternError with the code of what can't be mended by waiting, if there is one
 */
export function refuseUnprotectable(plan: ProtectionPlan, at: PlanPointers): void {
  const nobody = plan.copies.length === 0
  const refused = plan.recipients.flatMap((recipient, index) =>
    recipient.decision === 'reject' || (nobody && recipient.decision === 'withhold')
      ? [{ recipient, pointer: at.recipients[index] ?? '' }]
      : [],
  )
  const codeOf = ({ code }: PlannedRecipient) => code ?? 'policy.encryption_required'
  const [first] = refused.toSorted(
    (a, b) =>
      Number(E2EE_CODES[codeOf(a.recipient)].retryable) -
      Number(E2EE_CODES[codeOf(b.recipient)].retryable),
  )
  if (!first) return
  const code = codeOf(first.recipient)
  const reason = first.recipient.reason ?? E2EE_CODES[code].title
  const violations = refused.map(({ recipient, pointer }) => ({
    pointer: isOfSigner(codeOf(recipient)) ? at.from : pointer,
    code: codeOf(recipient),
    message: recipient.reason ?? E2EE_CODES[codeOf(recipient)].title,
  }))
  throw problem(code, isOfSigner(code) ? reason : `${first.recipient.address}: ${reason}`, {
    violations: [...new Map(violations.map((one) => [JSON.stringify(one), one])).values()],
  })
}

function isOfSigner(code: keyof typeof E2EE_CODES): boolean {
  return code.startsWith('signer.')
}

/** Awaits the work; what it fails with as an answer. */
export async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isProtectionError(error)) throw error
    const { code, address, message } = error as ProtectionError
    throw problem(code, address ? `${address}: ${message}` : message, { cause: error })
  }
}

function problem(
  code: keyof typeof E2EE_CODES,
  what: string,
  options: ConstructorParameters<typeof PosternError>[2],
): PosternError {
  const { party, retryable, hint } = E2EE_CODES[code]
  return new PosternError(code, `${what}. ${NOTHING_SENT}. ${hint}.`, {
    ...options,
    members: { party, retryable },
    ...(retryable && { retryAfterS: RETRY_AFTER_S }),
  })
}
