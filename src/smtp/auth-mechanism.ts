/** What a SASL mechanism is to AUTH (RFC 4954): a name and what to say. It says plain text; base64 is the wire's. */

import type { RelayCredential } from '../domain/relay.ts'

/** Where and with what an exchange happens, beside the credential. */
export interface AuthContext {
  host: string
  port: number
  /** New with each call, and nobody can guess it: printable ASCII without a comma (RFC 5802 §5.1). */
  nonce(): string
}

/** `auth_challenge`: it isn't what the mechanism expects; `auth_rounds`: too little or too much hashing is asked for. */
export type CancelReason = 'auth_challenge' | 'auth_rounds' | 'auth_unproven'

export interface Cancel {
  cancel: CancelReason
}

export const UNEXPECTED: Cancel = { cancel: 'auth_challenge' }

export interface Exchange {
  /** Sent with AUTH itself; absent: the relay speaks first. */
  initial?: string
  /** The answer to a challenge, or why there is none. */
  respond(challenge: string): string | Cancel
  /** Whether a positive reply may be believed; absent: always. */
  isProven?(): boolean
}

export interface Mechanism {
  name: string
  /** Undefined where the credential can't be said in this mechanism. */
  begin(credential: RelayCredential, context: AuthContext): Exchange | undefined
}
