/**
 * The gateway's own requests to hosts that others name: key directories, signers, webhooks. `net/` makes them by HTTPS on
 * port 443, to names only, without redirects and cookies, bounded in time and octets.
 */

export interface OutsideRequest {
  method: 'GET' | 'POST'
  url: string
  headers?: Record<string, string>
  body?: string
  /** Octets of the answer's body, decompressed; one more is `too_large`. */
  maxBytes: number
  /** From the call to the last octet of the answer. */
  timeoutMs: number
  abort?: AbortSignal | undefined
}

export interface OutsideAnswer {
  /** Anything but 3xx. */
  status: number
  headers: Headers
  body: Uint8Array
}

/**
 * `refused`: the URL is none that may be asked, and nothing was. `unreachable`: no connection, no DNS, no proven TLS, or an
 * answer that broke off; the runtime doesn't tell these apart. `stopped`: by `abort`.
 */
export type OutsideProblem =
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'too_large'
  | 'redirect'
  | 'stopped'

/** `detail` names the host and the cause; nothing of path, query, headers or bodies is in it. */
export type OutsideReply = OutsideAnswer | { problem: OutsideProblem; detail: string }

/** Asks once. Never rejects. */
export type Outside = (request: OutsideRequest) => Promise<OutsideReply>
