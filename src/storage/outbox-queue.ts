/** The queue: which copies are due, and taking one for an attempt. */

import { effectiveExpiry } from '../domain/retry.ts'
import type { RecipientState } from '../domain/states.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { Delivery, Postponed, Postponement } from '../ports/message-store.ts'
import {
  COPY_COLUMNS,
  type CopyRow,
  copyRow,
  type DueRecipient,
  deliveryOf,
  expiryOf,
  type MessageRow,
  messageRow,
} from './outbox-delivery.ts'
import { appendEvent, insertEvents } from './outbox-events.ts'
import { beginAnew, passOn } from './outbox-onward.ts'
import { refreshCopy } from './outbox-rows.ts'
import type { OutboxSql } from './outbox-sql.ts'
import { passOver } from './outbox-takeover.ts'
import { beginUnreachable } from './outbox-unreachable.ts'

/** Goes from one relay to the next in the index, however much mail each has. */
export function waitingRelays(sql: OutboxSql): string[] {
  const waiting: string[] = []
  let relay = ''
  for (;;) {
    const next = sql.first<{ relay: string }>(
      'SELECT relay FROM copies WHERE relay > ? AND due_at IS NOT NULL AND running = 0 ORDER BY relay LIMIT 1',
      relay,
    )
    if (!next) return waiting
    relay = next.relay
    waiting.push(relay)
  }
}

export function dueRelays(sql: OutboxSql, now: number): string[] {
  return waitingRelays(sql).filter((relay) => hasDue(sql, relay, now, false))
}

export function hasDue(sql: OutboxSql, relay: string, now: number, onlyHigh: boolean): boolean {
  return nextCopy(sql, relay, now, onlyHigh) !== undefined
}

export function nextDue(sql: OutboxSql): number | null {
  return (
    sql.first<{ at: number | null }>(
      'SELECT min(due_at) AS at FROM copies WHERE due_at IS NOT NULL AND running = 0',
    )?.at ?? null
  )
}

/** Due copies that turn out to be over, by expiry or on hold for good, before others get their turn. */
const PASSED_AT_ONCE = 100

/** Takes the next due copy: marks it running and writes its attempt row, in one transaction. */
export function take(
  sql: OutboxSql,
  relay: string,
  now: number,
  onlyHigh: boolean,
): Delivery | null {
  return sql.transaction(() => {
    for (let passed = 0; passed < PASSED_AT_ONCE; passed++) {
      const copy = nextCopy(sql, relay, now, onlyHigh)
      if (!copy) return null
      const delivery = begin(sql, relay, copy, now)
      if (delivery) return delivery
      refreshCopy(sql, copy.message, copy.copy, now)
    }
    return null
  })
}

/** One look into the index per priority, so that what is due later is never passed over row by row. */
const NEXT_COPY = [0, 1, 2].map(
  (priority) =>
    `SELECT ${COPY_COLUMNS} FROM copies
   WHERE relay = ? AND priority = ${priority} AND due_at IS NOT NULL AND due_at <= ? AND running = 0
   ORDER BY due_at LIMIT 1`,
)

function nextCopy(
  sql: OutboxSql,
  relay: string,
  now: number,
  onlyHigh: boolean,
): CopyRow | undefined {
  for (const query of onlyHigh ? NEXT_COPY.slice(0, 1) : NEXT_COPY) {
    const row = sql.first<CopyRow>(query, relay, now)
    if (row) return row
  }
  return undefined
}

function begin(sql: OutboxSql, relay: string, copy: CopyRow, now: number): Delivery | null {
  const message = messageRow(sql, copy.message)
  if (!message) return null
  if (expire(sql, copy, message, now)) stopAtUnknown(sql, copy, now)
  const due = sql.all<DueRecipient>(
    `SELECT position, address, state, may_duplicate FROM recipients
     WHERE message = ? AND copy = ? AND next_attempt_at <= ? ORDER BY position`,
    copy.message,
    copy.copy,
    now,
  )
  const recipients = due.some(({ state }) => state === 'unknown')
    ? due.filter(({ state }) => state === 'unknown')
    : due
  if (recipients.length === 0) return null
  const attempt = message.attempts + 1
  sql.run('UPDATE copies SET running = 1 WHERE message = ? AND copy = ?', copy.message, copy.copy)
  // A first attempt that was given back was told of already.
  const sending = Number(attempt === 1 && !wasSending(sql, copy.message))
  const counted = sql.first<{ last_seq: number }>(
    'UPDATE messages SET attempts = ?, last_seq = last_seq + ? WHERE id = ? RETURNING last_seq',
    attempt,
    sending,
    copy.message,
  )
  if (counted && sending === 1) {
    insertEvents(sql, copy.message, counted.last_seq, [{ type: 'message.sending', data: {} }], now)
  }
  sql.run(
    'INSERT INTO attempts (message, attempt, copy, relay, started_at, positions) VALUES (?, ?, ?, ?, ?, ?)',
    copy.message,
    attempt,
    copy.copy,
    relay,
    now,
    JSON.stringify(recipients.map(({ position }) => position)),
  )
  return deliveryOf(sql, copy, message, recipients, { attempt, started_at: now }, now)
}

function wasSending(sql: OutboxSql, message: string): boolean {
  const told = `SELECT 1 FROM events WHERE message = ? AND type = 'message.sending'`
  return sql.first(told, message) !== undefined
}

/** Whether its time is over. An unknown recipient never becomes expired: only what waits for another try does. */
function expire(sql: OutboxSql, copy: CopyRow, message: MessageRow, now: number): boolean {
  if (effectiveExpiry(expiryOf(copy, message), now) > now) return false
  const expired = sql.all<{ address: string }>(
    `UPDATE recipients SET state = 'expired', next_attempt_at = NULL, updated_at = ?
     WHERE message = ? AND copy = ? AND state IN ('queued', 'deferred') RETURNING address`,
    now,
    copy.message,
    copy.copy,
  )
  for (const { address } of expired) {
    appendEvent(sql, copy.message, 'recipient.expired', { recipient: address }, now)
  }
  return true
}

function stopAtUnknown(sql: OutboxSql, copy: CopyRow, now: number): void {
  sql.run(
    `UPDATE recipients SET next_attempt_at = NULL
     WHERE message = ? AND copy = ? AND state = 'unknown' AND next_attempt_at <= ?`,
    copy.message,
    copy.copy,
    now,
  )
}

const POSTPONED_AT_ONCE = 200
/** How soon the round begins anew for what no relay could take, however long the last of them is out. */
const ROUND_MS = 5 * 60_000

/**
 * Puts off due copies while a relay is paused, suspended or out of reach, or hands them on. A recipient is told so once,
 * not at every look. What waits for a relay that is gone goes to the next of its list.
 */
export function postpone(
  sql: OutboxSql,
  relay: string,
  reason: Postponement,
  now: number,
): Postponed {
  const { code, onward } = reason
  return sql.transaction(() => {
    const copies = sql.all<{ message: string; copy: number }>(
      `SELECT message, copy FROM copies WHERE relay = ? AND due_at IS NOT NULL AND due_at <= ? AND running = 0 LIMIT ?`,
      relay,
      now,
      POSTPONED_AT_ONCE,
    )
    const relays = new Set<string>()
    for (const { message, copy } of copies) {
      if (code === 'relay.unknown' && passOver(sql, relay, message, copy, now)) continue
      const passing = { message, copy, relay, code }
      const next = onward === undefined ? undefined : passOn(sql, passing, onward, now)
      if (next === undefined) postponeCopy(sql, message, copy, reason, now)
      else relays.add(next)
    }
    return { copies: copies.length, relays: [...relays] }
  })
}

function postponeCopy(
  sql: OutboxSql,
  id: string,
  copy: number,
  reason: Postponement,
  now: number,
): void {
  const message = messageRow(sql, id)
  const row = copyRow(sql, id, copy)
  if (!message || !row) return
  if (reason.unreachable && row.unreachable_since === null) {
    beginUnreachable(sql, row, now)
    row.unreachable_since = now
  }
  expire(sql, row, message, now)
  const waiting = sql.all<{ position: number; address: string; state: RecipientState }>(
    'SELECT position, address, state FROM recipients WHERE message = ? AND copy = ? AND next_attempt_at <= ?',
    id,
    copy,
    now,
  )
  const anew = beginAnew(sql, id, copy)
  const until = anew ? Math.min(reason.until, now + ROUND_MS) : reason.until
  const at = message.expires_stated ? Math.min(until, Math.max(message.expires_at, now + 1)) : until
  for (const { position, address, state } of waiting) {
    sql.run(
      `UPDATE recipients SET next_attempt_at = ?, code = ?, updated_at = ?, unreached = 1,
         state = CASE state WHEN 'queued' THEN 'deferred' ELSE state END
       WHERE message = ? AND position = ?`,
      at,
      reason.code,
      now,
      id,
      position,
    )
    if (state === 'queued') {
      const data = { recipient: address, code: reason.code, next_attempt_at: rfc3339(at) }
      appendEvent(sql, id, 'recipient.deferred', data, now)
    }
  }
  refreshCopy(sql, id, copy, now)
}
