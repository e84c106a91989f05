/** What operators and cron do to a shard: wake a relay's mail, count it, let retention take what is old. */

import type { ShardStatus } from '../ports/outbox.ts'
import { WAITING_COPIES } from './outbox-rows.ts'
import type { Sql } from './sql.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Rows a sweep takes at a time, so that it never holds the object for long. */
const SWEEP_ROWS = 500

const UNREACHED = `(state IN ('deferred', 'unknown') AND unreached = 1)`

/**
 * Makes deferred mail due now, and what is unknown where its hold was over and no relay could be reached; scheduled mail
 * and outcomes on hold keep their time. Answers how many recipients.
 */
export function wake(
  sql: Sql,
  relay: string | null,
  now: number,
  which: 'all' | 'unreached' = 'all',
): number {
  const of = relay === null ? '' : 'AND relay = ?2'
  const bound = relay === null ? [now] : [now, relay]
  const woken = which === 'all' ? `(state = 'deferred' OR ${UNREACHED})` : UNREACHED
  return sql.transaction(() => {
    const rows = sql.all(
      `UPDATE recipients SET next_attempt_at = ?1
       WHERE ${woken} AND next_attempt_at > ?1
         AND (message, copy) IN (SELECT message, copy FROM ${WAITING_COPIES} WHERE true ${of})
       RETURNING 1`,
      ...bound,
    )
    if (rows.length > 0) {
      sql.run(
        `UPDATE copies SET due_at = ?1 WHERE due_at > ?1 AND running = 0 ${of} AND EXISTS (
           SELECT 1 FROM recipients r WHERE r.message = copies.message AND r.copy = copies.copy
             AND r.next_attempt_at <= ?1)`,
        ...bound,
      )
    }
    return rows.length
  })
}

export function status(sql: Sql, limit: number): ShardStatus {
  return {
    waiting: sql.all(
      `SELECT c.relay AS relay, count(*) AS recipients, min(m.created_at) AS oldest_at
       FROM ${WAITING_COPIES} c CROSS JOIN recipients r ON r.message = c.message AND r.copy = c.copy
       CROSS JOIN messages m ON m.id = c.message
       WHERE r.state IN ('queued', 'deferred')
       GROUP BY c.relay`,
    ),
    unknown: sql.all(
      `SELECT c.relay AS relay, count(*) AS recipients, min(r.updated_at) AS oldest_at
       FROM recipients r JOIN copies c ON c.message = r.message AND c.copy = r.copy
       WHERE r.state = 'unknown'
       GROUP BY c.relay`,
    ),
    storage: { bytes: sql.sizeBytes(), limit },
  }
}

/** Retention and leftovers: old claims, staging nobody adopted, content past its days. */
export function sweep(sql: Sql, contentDays: number, now: number): boolean {
  return sql.transaction(() => {
    sql.run('DELETE FROM claims WHERE until <= ?', now)
    sql.run(
      `DELETE FROM chunks WHERE name IN (
         SELECT name FROM chunks WHERE staged_at <= ?1 AND NOT EXISTS (
           SELECT 1 FROM chunks later WHERE later.name = chunks.name AND later.staged_at > ?1))`,
      now - HOUR_MS,
    )
    return removeContent(sql, now - contentDays * DAY_MS, now) === SWEEP_ROWS
  })
}

/** Messages whose log is past its days: first the index forgets them, then `forget` does. */
export function outdated(sql: Sql, logDays: number, now: number): string[] {
  return sql
    .all<{ id: string }>(
      'SELECT id FROM messages WHERE final_at <= ? LIMIT ?',
      now - logDays * DAY_MS,
      SWEEP_ROWS,
    )
    .map(({ id }) => id)
}

export function forget(sql: Sql, messages: string[]): void {
  sql.transaction(() => {
    for (const id of messages) {
      sql.run('DELETE FROM chunks WHERE name IN (SELECT chunks FROM copies WHERE message = ?)', id)
      for (const table of ['copies', 'recipients', 'attempts', 'events']) {
        sql.run(`DELETE FROM ${table} WHERE message = ?`, id)
      }
      sql.run('DELETE FROM messages WHERE id = ?', id)
    }
  })
}

function removeContent(sql: Sql, finalBefore: number, now: number): number {
  const old = sql.all<{ id: string }>(
    'SELECT id FROM messages WHERE final_at <= ? AND content_removed_at IS NULL LIMIT ?',
    finalBefore,
    SWEEP_ROWS,
  )
  for (const { id } of old) {
    sql.run('DELETE FROM chunks WHERE name IN (SELECT chunks FROM copies WHERE message = ?)', id)
    sql.run('UPDATE copies SET header = NULL WHERE message = ?', id)
    sql.run('UPDATE messages SET content_removed_at = ? WHERE id = ?', now, id)
  }
  return old.length
}
