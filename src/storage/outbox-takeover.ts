/** What a relay that is to be removed still holds, and handing it to another one. */

import { matchesAnyAddress } from '../domain/address-pattern.ts'
import type { HeldMail } from '../ports/outbox.ts'
import { wake } from './outbox-operations.ts'
import { RELAYS, refreshCopy, WAITING_COPIES } from './outbox-rows.ts'
import type { OutboxSql } from './outbox-sql.ts'
import type { Sql } from './sql.ts'

/** So many messages with an unknown outcome are named. */
const NAMED = 5

/** Rows of one statement: a value it is given has 2 MB at most. */
const MOVED_AT_ONCE = 1000

/** `senders`: the patterns of the relay that would take over. */
export function held(sql: Sql, relay: string, senders: string[]): HeldMail {
  const waiting = sql.all<{ from_address: string; recipients: number }>(
    `SELECT m.from_address, count(*) AS recipients
     FROM ${WAITING_COPIES} c CROSS JOIN recipients r ON r.message = c.message AND r.copy = c.copy
     CROSS JOIN messages m ON m.id = c.message
     WHERE c.relay = ? AND r.state IN ('queued', 'deferred') GROUP BY m.from_address`,
    relay,
  )
  const unknown = sql.all<{ id: string; recipients: number }>(
    `SELECT r.message AS id, count(*) AS recipients
     FROM recipients r CROSS JOIN copies c ON c.message = r.message AND c.copy = r.copy
     WHERE c.relay = ? AND r.state = 'unknown' GROUP BY r.message ORDER BY r.message`,
    relay,
  )
  return {
    waiting: sum(waiting),
    foreign: sum(waiting.filter((one) => !matchesAnyAddress(senders, one.from_address))),
    unknown: sum(unknown),
    messages: unknown.slice(0, NAMED).map(({ id }) => id),
  }
}

/** Of all that is not over: also what is with another relay now and may come to this one. */
export function foreign(sql: Sql, relay: string, senders: string[]): number {
  const pending = sql.all<{ from_address: string; recipients: number }>(
    `SELECT m.from_address, count(*) AS recipients
     FROM (SELECT c.message, c.relay, c.relays FROM ${WAITING_COPIES} c
             CROSS JOIN recipients r ON r.message = c.message AND r.copy = c.copy
             WHERE r.state IN ('queued', 'deferred')
           UNION ALL SELECT c.message, c.relay, c.relays FROM recipients r
             CROSS JOIN copies c ON c.message = r.message AND c.copy = r.copy
             WHERE r.state = 'unknown') c
     CROSS JOIN messages m ON m.id = c.message
     WHERE c.relay = ?1 OR ?1 IN (SELECT value FROM json_each(${RELAYS}))
     GROUP BY m.from_address`,
    relay,
  )
  return sum(pending.filter((one) => !matchesAnyAddress(senders, one.from_address)))
}

/**
 * Hands a relay's mail to another one that may carry its sender. What is under way goes there when this relay defers it.
 * Mail whose outcome is unknown stays: it may go to no other relay.
 */
export function move(
  sql: OutboxSql,
  relay: string,
  to: string,
  senders: string[],
  now: number,
): number {
  wake(sql, relay, now)
  return sql.transaction(() => {
    const copies = sql
      .all<{ message: string; copy: number; from_address: string }>(
        `SELECT c.message, c.copy, m.from_address FROM ${WAITING_COPIES} c CROSS JOIN messages m ON m.id = c.message
         WHERE c.relay = ? AND NOT EXISTS (
           SELECT 1 FROM recipients r WHERE r.message = c.message AND r.copy = c.copy AND r.state = 'unknown')`,
        relay,
      )
      .filter(({ from_address }) => matchesAnyAddress(senders, from_address))
    for (let first = 0; first < copies.length; first += MOVED_AT_ONCE) {
      moveCopies(sql, copies.slice(first, first + MOVED_AT_ONCE), to)
    }
    return copies.length
  })
}

/**
 * A relay that is gone drops out of a copy's list. True where another one has the copy now; false where it was the
 * only one, or where the outcome is unknown.
 */
export function passOver(
  sql: OutboxSql,
  relay: string,
  message: string,
  copy: number,
  now: number,
): boolean {
  const row = sql.first<{ relays: string; relay_index: number; refusals: number }>(
    `SELECT ${RELAYS} AS relays, c.relay_index, c.refusals FROM copies c JOIN messages m ON m.id = c.message
     WHERE c.message = ? AND c.copy = ? AND NOT EXISTS (
       SELECT 1 FROM recipients r WHERE r.message = c.message AND r.copy = c.copy AND r.state = 'unknown')`,
    message,
    copy,
  )
  if (!row) return false
  const left = (JSON.parse(row.relays) as string[]).filter((id) => id !== relay)
  // Past the end of the list the round begins anew.
  const index = row.relay_index < left.length ? row.relay_index : 0
  const next = left[index]
  if (next === undefined) return false
  sql.run(
    'UPDATE copies SET relays = ?, relay = ?, relay_index = ?, refusals = ? WHERE message = ? AND copy = ?',
    JSON.stringify(left),
    next,
    index,
    index === 0 ? 0 : row.refusals,
    message,
    copy,
  )
  refreshCopy(sql, message, copy, now)
  return true
}

function moveCopies(sql: OutboxSql, copies: { message: string; copy: number }[], to: string): void {
  const chosen = JSON.stringify(copies.map(({ message, copy }) => [message, copy]))
  sql.run(
    `UPDATE copies SET relays = json_array(?1), relay = ?1, relay_index = 0, refusals = 0
     WHERE (message, copy) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))`,
    to,
    chosen,
  )
  sql.run(
    `UPDATE messages SET unpublished = unpublished + 1
     WHERE id IN (SELECT value ->> 0 FROM json_each(?))`,
    chosen,
  )
  for (const { message } of copies) sql.changed?.(message, null)
}

function sum(rows: { recipients: number }[]): number {
  return rows.reduce((total, { recipients }) => total + recipients, 0)
}
