/** The states of a recipient and the status of a message made from them (docs/states.md). */

/** Recipient states. `relayed` is RFC 3464's word: the next hop took responsibility. */
export const RECIPIENT_STATES = [
  'queued', // accepted, not yet tried
  'deferred', // a transient answer, or no relay could be reached: will be tried again
  'relayed', // the relay took responsibility with a complete 2xx to the end of data
  'delivered', // a success DSN came
  'bounced', // permanently refused, at once or by DSN
  'expired', // its time-to-live ended first
  'suppressed', // on the suppression list, or withheld for want of a key: never tried
  'canceled', // taken back before its last octets left
  'unknown', // the last octets left and no complete reply came
] as const

export type RecipientState = (typeof RECIPIENT_STATES)[number]

export const MESSAGE_STATUSES = [
  'scheduled',
  'sending',
  'unknown',
  'deferred',
  'queued',
  'partial',
  'relayed',
  'failed',
  'canceled',
] as const

export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

export function isPending(state: RecipientState): boolean {
  return state === 'queued' || state === 'deferred'
}

/** Not yet sure to have arrived: it may be tried again by request. */
export function isRetryable(state: RecipientState): boolean {
  return state === 'deferred' || state === 'unknown' || state === 'bounced' || state === 'expired'
}

export interface StatusFacts {
  states: readonly RecipientState[]
  /** The message's `send_at` lies in the future and nothing was tried. */
  scheduled: boolean
  /** A session is working on it now. */
  sending: boolean
}

/** Message status, by precedence: the first line that holds wins. */
export function messageStatus({ states, scheduled, sending }: StatusFacts): MessageStatus {
  const has = (...wanted: RecipientState[]) => states.some((state) => wanted.includes(state))
  if (scheduled && has('queued')) return 'scheduled'
  if (sending) return 'sending'
  if (has('unknown')) return 'unknown'
  if (has('deferred')) return 'deferred'
  if (has('queued')) return 'queued'
  const handedOver = has('relayed', 'delivered')
  if (handedOver && has('bounced', 'expired', 'suppressed', 'canceled')) return 'partial'
  if (handedOver) return 'relayed'
  return has('bounced', 'expired', 'suppressed') ? 'failed' : 'canceled'
}
