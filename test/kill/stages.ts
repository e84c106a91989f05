/** The stages at which the process is killed, in the order of a mail's way. */

export interface Stage {
  name: string
  /** Who stops there: the relay by not answering this command, or the gateway at a failpoint. */
  by: { relay: 'greeting' | 'MAIL' | 'RCPT' | 'DATA' | 'body' | 'dot' } | { failpoint: string }
  /** Nobody can know: a second copy may go out, and has to be flagged. */
  dotSent: boolean
}

export const STAGES: Stage[] = [
  { name: 'after accept', by: { failpoint: 'dial' }, dotSent: false },
  { name: 'after connect', by: { relay: 'greeting' }, dotSent: false },
  { name: 'after AUTH', by: { relay: 'MAIL' }, dotSent: false },
  { name: 'after MAIL', by: { relay: 'RCPT' }, dotSent: false },
  { name: 'after RCPT', by: { relay: 'DATA' }, dotSent: false },
  { name: 'after 354', by: { failpoint: '354' }, dotSent: false },
  { name: 'mid-body', by: { relay: 'body' }, dotSent: false },
  { name: 'after dot_sent, before the octets', by: { failpoint: 'dot_sent' }, dotSent: true },
  { name: 'after the octets', by: { relay: 'dot' }, dotSent: true },
  { name: 'after the reply', by: { failpoint: 'reply' }, dotSent: true },
  { name: 'before settle', by: { failpoint: 'settle' }, dotSent: true },
  { name: 'after settle', by: { failpoint: 'settled' }, dotSent: false },
]

/** The sender of the mail that is to be stopped names where. */
export const senderFor = (failpoint: string) => `stop-${failpoint}@example.com`

export function failpointOf(sender: string): string | undefined {
  return /^stop-(\w+)@example\.com$/.exec(sender)?.[1]
}
