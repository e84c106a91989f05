/** Attempts without a result, as they can be told again from what is on disk. */

import type { OpenAttempt, RecipientOutcome } from '../ports/message-store.ts'
import { copyRow, type DueRecipient, deliveryOf, messageRow } from './outbox-delivery.ts'
import type { Sql } from './sql.ts'

interface AttemptRow {
  message: string
  attempt: number
  copy: number
  relay: string
  started_at: number
  positions: string
  dot_sent_at: number | null
  refused: string | null
}

export function openAttempts(sql: Sql, now: number): OpenAttempt[] {
  return sql
    .all<AttemptRow>(
      `SELECT message, attempt, copy, relay, started_at, positions, dot_sent_at, refused
       FROM attempts WHERE record IS NULL ORDER BY started_at`,
    )
    .flatMap((row) => openAttempt(sql, row, now))
}

function openAttempt(sql: Sql, row: AttemptRow, now: number): OpenAttempt[] {
  const copy = copyRow(sql, row.message, row.copy)
  const message = messageRow(sql, row.message)
  if (!copy || !message) return []
  const recipients = sql.all<DueRecipient>(
    `SELECT position, address, state, may_duplicate FROM recipients
     WHERE message = ? AND position IN (SELECT value FROM json_each(?)) ORDER BY position`,
    row.message,
    row.positions,
  )
  const started = { attempt: row.attempt, started_at: row.started_at }
  return [
    {
      delivery: deliveryOf(sql, copy, message, recipients, started, now),
      relay: row.relay,
      dot_sent_at: row.dot_sent_at,
      refused: row.refused === null ? [] : (JSON.parse(row.refused) as RecipientOutcome[]),
    },
  ]
}
