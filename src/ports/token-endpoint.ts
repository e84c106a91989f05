/** A token endpoint (RFC 6749 §3.2) as the gate asks it. `net/` does it by HTTPS. */

/** What it answered, whatever that was; or, in a word, why there is no answer. */
export type TokenReply =
  | { status: number; body: string }
  | { problem: 'timeout' | 'too_large' | 'unreachable' }

/** Never rejects; follows no redirect. */
export type TokenEndpoint = (url: string, form: Record<string, string>) => Promise<TokenReply>
