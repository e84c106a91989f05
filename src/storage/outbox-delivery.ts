/** A copy with its message and the recipients of one attempt, as delivery gets to see them. */

import { type ExpiryFacts, effectiveExpiry, latestExpiry } from '../domain/retry.ts'
import type { RecipientState } from '../domain/states.ts'
import type { Delivery } from '../ports/message-store.ts'
import type { OnUnknown } from '../ports/outbox.ts'
import type { Sql } from './sql.ts'

export interface CopyRow {
  message: string
  copy: number
  size: number
  smtputf8: number
  eight_bit: number
  /** Null: the message's. */
  relays: string | null
  relay_index: number
  refusals: number
  tries: number
  unknowns: number
  priority: number
  /** Later than the message's, where its relays were out of reach. */
  expires_at: number | null
  unreachable_since: number | null
}

export interface MessageRow {
  sandbox: number
  sender: string
  created_at: number
  send_at: number | null
  expires_at: number
  expires_stated: number
  on_unknown: OnUnknown
  notify: string | null
  require_tls: number
  relays: string
  attempts: number
}

export interface DueRecipient {
  position: number
  address: string
  state: RecipientState
  may_duplicate: number
}

export const COPY_COLUMNS =
  'message, copy, size, smtputf8, eight_bit, relays, relay_index, refusals, tries, unknowns, priority, expires_at, unreachable_since'

export function copyRow(sql: Sql, message: string, copy: number): CopyRow | undefined {
  const query = `SELECT ${COPY_COLUMNS} FROM copies WHERE message = ? AND copy = ?`
  return sql.first<CopyRow>(query, message, copy)
}

export function messageRow(sql: Sql, id: string): MessageRow | undefined {
  return sql.first<MessageRow>(
    `SELECT sandbox, sender, created_at, send_at, expires_at, expires_stated, on_unknown, notify, require_tls, relays, attempts
     FROM messages WHERE id = ?`,
    id,
  )
}

function isHeld(sql: Sql, { message, copy }: CopyRow): boolean {
  const unknown = `SELECT 1 FROM recipients WHERE message = ? AND copy = ? AND state = 'unknown'`
  return sql.first(unknown, message, copy) !== undefined
}

export function expiryOf(
  copy: Pick<CopyRow, 'expires_at' | 'unreachable_since'>,
  { created_at, send_at, expires_at, expires_stated }: MessageRow,
): ExpiryFacts {
  return {
    created_at,
    send_at,
    expires_stated,
    expires_at: Math.max(expires_at, copy.expires_at ?? 0),
    unreachable_since: copy.unreachable_since,
  }
}

export function deliveryOf(
  sql: Sql,
  copy: CopyRow,
  message: MessageRow,
  recipients: readonly DueRecipient[],
  { attempt, started_at }: { attempt: number; started_at: number },
  now: number,
): Delivery {
  return {
    held: isHeld(sql, copy),
    message: copy.message,
    sandbox: message.sandbox === 1,
    copy: copy.copy,
    attempt,
    started_at,
    sender: message.sender,
    size: copy.size,
    notify: message.notify === null ? null : (JSON.parse(message.notify) as string[]),
    needs: {
      smtputf8: copy.smtputf8 === 1,
      eight_bit: copy.eight_bit === 1,
      require_tls: message.require_tls === 1,
    },
    recipients: recipients.map(({ position, address, state }) => ({
      position,
      address,
      was: state,
    })),
    may_duplicate: recipients.some((one) => one.state === 'unknown' || one.may_duplicate === 1),
    tries: copy.tries,
    unknowns: copy.unknowns,
    relays: JSON.parse(copy.relays ?? message.relays) as string[],
    relay_index: copy.relay_index,
    refusals: copy.refusals,
    on_unknown: message.on_unknown,
    expires_at: effectiveExpiry(expiryOf(copy, message), now),
    latest_expiry: latestExpiry(expiryOf(copy, message)),
    unreached: copy.unreachable_since !== null,
    high: copy.priority === 0,
  }
}
