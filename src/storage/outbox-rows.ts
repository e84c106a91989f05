/** What a copy's and a message's rows say about themselves, kept true after every change of a recipient. */

import type { Sql } from './sql.ts'

/** Sets when a copy is next due from its recipients, and whether its message is final. */
export function refreshCopy(sql: Sql, message: string, copy: number, now: number): void {
  sql.run(
    `UPDATE copies SET due_at = (SELECT min(next_attempt_at) FROM recipients r
       WHERE r.message = copies.message AND r.copy = copies.copy)
     WHERE message = ? AND copy = ?`,
    message,
    copy,
  )
  sql.run(
    `UPDATE messages SET unpublished = unpublished + 1, final_at = CASE
       WHEN EXISTS (SELECT 1 FROM recipients WHERE message = messages.id AND state IN ('queued', 'deferred', 'unknown'))
       THEN NULL ELSE coalesce(final_at, ?) END
     WHERE id = ?`,
    now,
    message,
  )
}

export function copiesOf(sql: Sql, message: string): number[] {
  return sql
    .all<{ copy: number }>('SELECT copy FROM copies WHERE message = ? ORDER BY copy', message)
    .map(({ copy }) => copy)
}
