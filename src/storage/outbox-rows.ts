/** What a copy's and a message's rows say about themselves, kept true after every change of a recipient. */

import type { NewEvent } from '../ports/message-store.ts'
import { insertEvents } from './outbox-events.ts'
import type { OutboxSql } from './outbox-sql.ts'
import type { Sql } from './sql.ts'

/** When a copy is due, by its recipients; for use in an UPDATE of copies. */
export const DUE_AT = `(SELECT min(next_attempt_at) FROM recipients r
  WHERE r.message = copies.message AND r.copy = copies.copy)`

/** A copy's candidates in order, of `c` and its message `m`: its own once it has left the message's list. */
export const RELAYS = 'coalesce(c.relays, m.relays)'

/** What may still have to go out: in one index each, so that what is over is not read. */
export const WAITING_COPIES = `(
  SELECT message, copy, relay, relays FROM copies WHERE due_at IS NOT NULL AND running = 0
  UNION ALL SELECT message, copy, relay, relays FROM copies WHERE running = 1)`

/** Sets when a copy is next due, and whether its message is final; writes what happened to it. */
export function refreshCopy(
  sql: OutboxSql,
  message: string,
  copy: number,
  now: number,
  events: readonly NewEvent[] = [],
): void {
  sql.run(`UPDATE copies SET due_at = ${DUE_AT} WHERE message = ? AND copy = ?`, message, copy)
  touchMessage(sql, message, now, events)
}

/** Whether a message is final, after its recipients changed; writes what happened to it. */
export function touchMessage(
  sql: OutboxSql,
  message: string,
  now: number,
  events: readonly NewEvent[],
): void {
  const row = sql.first<{ last_seq: number }>(
    `UPDATE messages SET last_seq = last_seq + ?1, unpublished = unpublished + 1, final_at = CASE
       WHEN EXISTS (SELECT 1 FROM recipients WHERE message = messages.id AND state IN ('queued', 'deferred', 'unknown'))
       THEN NULL ELSE coalesce(final_at, ?2) END
     WHERE id = ?3 RETURNING last_seq`,
    events.length,
    now,
    message,
  )
  if (row) insertEvents(sql, message, row.last_seq - events.length + 1, events, now)
  sql.changed?.(message, null)
}

export function copiesOf(sql: Sql, message: string): number[] {
  return sql
    .all<{ copy: number }>('SELECT copy FROM copies WHERE message = ? ORDER BY copy', message)
    .map(({ copy }) => copy)
}
