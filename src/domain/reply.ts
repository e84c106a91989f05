/** An SMTP reply as a value that knows which command it answers (RFC 5321 §4.2, RFC 3463). */

export interface Reply {
  /** 200–599. */
  code: number
  /** Enhanced status code such as `5.1.1`, where the reply has one. */
  enhanced?: string
  /** Text of all lines joined by LF, the enhanced code taken off, control characters escaped, at most 500 characters. */
  text: string
}

/** What tells replies apart; the text only where no code does. */
type Code = Pick<Reply, 'code'>
type Codes = Pick<Reply, 'code'> & { enhanced?: string | undefined }

export function isPositive({ code }: Code): boolean {
  return code >= 200 && code < 300
}

export function isTransient({ code }: Code): boolean {
  return code >= 400 && code < 500
}

export function isPermanent({ code }: Code): boolean {
  return code >= 500 && code < 600
}

/** To AUTH: the relay doesn't know the mechanism, which says nothing about the login. */
export function isUnknownMechanism({ code, enhanced = '5.5.' }: Codes): boolean {
  return code === 504 || (code === 500 && enhanced.startsWith('5.5.'))
}

/**
 * To RCPT: no more recipients in this transaction. 452 (RFC 5321 §4.5.3.1.10), from old servers 552, which is RFC 821's
 * word for it; told from a full mailbox by the enhanced code, which Outlook and others have with other codes, or by words.
 */
export function isTooMany({ code, enhanced, text }: Codes & Pick<Reply, 'text'>): boolean {
  if (code < 500 && enhanced === '4.5.3') return true
  if (code === 552 && enhanced === '5.5.3') return true
  return (code === 452 || code === 552) && /too many recipients/i.test(text)
}
