/** Why a message could not be protected. Nothing was sent: whoever catches it must not go on in clear. */

import { E2EE_CODES, type E2eeCode, type E2eeParty } from './e2ee-code.ts'

export class ProtectionError extends Error {
  override readonly name = 'ProtectionError'
  readonly code: E2eeCode
  readonly party: E2eeParty
  readonly retryable: boolean
  readonly hint: string
  /** The address or identity that it is about. */
  readonly address: string | undefined
  /** The `id` of the provider that said so. */
  readonly provider: string | undefined

  /** `detail` says what was wrong; never key octets, a passphrase or content. */
  constructor(
    code: E2eeCode,
    detail: string = E2EE_CODES[code].title,
    options: { address?: string; provider?: string; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause })
    const { party, retryable, hint } = E2EE_CODES[code]
    this.code = code
    this.party = party
    this.retryable = retryable
    this.hint = hint
    this.address = options.address
    this.provider = options.provider
  }
}

/** By its shape: a provider that was built apart brings a class of its own. */
export function isProtectionError(error: unknown): error is ProtectionError {
  return (
    error instanceof Error &&
    error.name === 'ProtectionError' &&
    'code' in error &&
    typeof error.code === 'string' &&
    Object.hasOwn(E2EE_CODES, error.code)
  )
}
