/** An SMTP reply as a value that knows which command it answers (RFC 5321 §4.2, RFC 3463). */

export interface Reply {
  /** 200–599. */
  code: number
  /** Enhanced status code such as `5.1.1`, where the reply has one. */
  enhanced?: string
  /** Text of all lines joined by LF, the enhanced code taken off, control characters escaped, at most 500 characters. */
  text: string
}

export function isPositive(reply: Reply): boolean {
  return reply.code >= 200 && reply.code < 300
}

export function isTransient(reply: Reply): boolean {
  return reply.code >= 400 && reply.code < 500
}

export function isPermanent(reply: Reply): boolean {
  return reply.code >= 500 && reply.code < 600
}
