/**
 * What an earlier life of the object left behind: attempts without a result. Before `dot_sent` nothing can have
 * arrived, so the copy is due at once; after it the outcome is unknown and HOLD begins.
 */

import type { AttemptRecord } from '../domain/attempt.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { Delivery } from '../ports/message-store.ts'
import { appendEvent } from './outbox-events.ts'
import { refreshCopy } from './outbox-rows.ts'
import type { Sql } from './sql.ts'

interface OpenAttempt {
  message: string
  attempt: number
  copy: number
  relay: string
  started_at: number
  positions: string
  dot_sent_at: number | null
}

const INTERRUPTED_PAUSE_MS = 60_000

/** One attempt of this life: tried again after a pause, since what broke it may break it again. */
export function interrupt(sql: Sql, delivery: Delivery, now: number, holdAfter: number): void {
  const { message, attempt } = delivery
  const open = sql.first<OpenAttempt>(`${OPEN} AND message = ? AND attempt = ?`, message, attempt)
  if (!open) return
  sql.transaction(() => {
    sql.run(
      `UPDATE recipients SET next_attempt_at = ? WHERE message = ? AND copy = ?
         AND state IN ('queued', 'deferred') AND next_attempt_at <= ?`,
      now + INTERRUPTED_PAUSE_MS,
      message,
      delivery.copy,
      now,
    )
    close(sql, open, now, holdAfter)
  })
}

const OPEN = `SELECT message, attempt, copy, relay, started_at, positions, dot_sent_at FROM attempts
  WHERE record IS NULL`

/** Answers how many attempts were found open. */
export function recover(sql: Sql, now: number, holdAfter: number): number {
  const open = sql.all<OpenAttempt>(OPEN)
  for (const attempt of open) sql.transaction(() => close(sql, attempt, now, holdAfter))
  sql.run('UPDATE copies SET running = 0 WHERE running = 1')
  return open.length
}

function close(sql: Sql, attempt: OpenAttempt, now: number, holdAfter: number): void {
  const unknown = attempt.dot_sent_at !== null
  const positions = JSON.parse(attempt.positions) as number[]
  const recipients: AttemptRecord['recipients'] = []
  for (const position of positions) {
    const row = unknown
      ? sql.first<{ address: string }>(
          `UPDATE recipients SET state = 'unknown', code = 'outcome_unknown', rule = 40, next_attempt_at = ?,
             may_duplicate = 1, relay = ?, attempts = attempts + 1, updated_at = ?
           WHERE message = ? AND position = ? RETURNING address`,
          (attempt.dot_sent_at ?? now) + holdAfter,
          attempt.relay,
          now,
          attempt.message,
          position,
        )
      : sql.first<{ address: string }>(
          'SELECT address FROM recipients WHERE message = ? AND position = ?',
          attempt.message,
          position,
        )
    if (row) recipients.push({ address: row.address, state: unknown ? 'unknown' : 'queued' })
  }
  const record: AttemptRecord = {
    attempt: attempt.attempt,
    message: attempt.message,
    copy: attempt.copy,
    started_at: rfc3339(attempt.started_at),
    duration_ms: Math.max(0, now - attempt.started_at),
    relay: attempt.relay,
    host: '',
    sessions: [],
    recipients,
    decision: unknown ? 'unknown' : 'interrupted',
    may_duplicate: unknown,
    next_attempt_at: rfc3339(unknown ? (attempt.dot_sent_at ?? now) + holdAfter : now),
  }
  sql.run(
    'UPDATE attempts SET record = ? WHERE message = ? AND attempt = ?',
    JSON.stringify(record),
    attempt.message,
    attempt.attempt,
  )
  sql.run(
    'UPDATE copies SET running = 0, relay = CASE WHEN ? THEN ? ELSE relay END WHERE message = ? AND copy = ?',
    Number(unknown),
    attempt.relay,
    attempt.message,
    attempt.copy,
  )
  if (unknown) {
    for (const { address } of recipients) {
      appendEvent(sql, attempt.message, 'recipient.unknown', { recipient: address, rule: 40 }, now)
    }
  }
  refreshCopy(sql, attempt.message, attempt.copy, now)
}
