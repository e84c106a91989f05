/** Time in which a copy's relays could not be reached or logged in to: it doesn't count towards an unstated expiry. */

import { effectiveExpiry } from '../domain/retry.ts'
import { copyRow, expiryOf, messageRow } from './outbox-delivery.ts'
import type { Sql } from './sql.ts'

interface CopyName {
  message: string
  copy: number
}

export function beginUnreachable(sql: Sql, { message, copy }: CopyName, now: number): void {
  sql.run(
    `UPDATE copies SET unreachable_since = coalesce(unreachable_since, ?)
     WHERE message = ? AND copy = ?`,
    now,
    message,
    copy,
  )
}

/** What it waited is added to its expiry. */
export function endUnreachable(sql: Sql, { message, copy }: CopyName, now: number): void {
  const of = messageRow(sql, message)
  const row = copyRow(sql, message, copy)
  if (!of || !row || row.unreachable_since === null) return
  sql.run(
    'UPDATE copies SET unreachable_since = NULL, expires_at = ? WHERE message = ? AND copy = ?',
    effectiveExpiry(expiryOf(row, of), now),
    message,
    copy,
  )
}
