/** Settling an attempt: recipient states, next attempt or final, events and log record in one transaction. */

import type { AttemptRecord } from '../domain/attempt.ts'
import { UNKNOWN } from '../domain/hold.ts'
import type { Delivery, RecipientOutcome, Settlement } from '../ports/message-store.ts'
import { isFallbackTold } from './outbox-events.ts'
import { DUE_AT, refreshCopy, touchMessage } from './outbox-rows.ts'
import type { OutboxSql } from './outbox-sql.ts'
import { beginUnreachable, endUnreachable } from './outbox-unreachable.ts'

/**
 * Written, and on disk, before the last octets leave. False when the message was canceled meanwhile:
 * a cancel takes all recipients of a transaction or none, so the first one speaks for all.
 */
export function markDotSent(
  sql: OutboxSql,
  delivery: Delivery,
  refused: RecipientOutcome[],
  now: number,
): boolean {
  const marked = sql.first(
    `UPDATE attempts SET dot_sent_at = ?1, refused = ?5 WHERE message = ?2 AND attempt = ?3 AND EXISTS (
       SELECT 1 FROM recipients WHERE message = ?2 AND position = ?4 AND state <> 'canceled')
     RETURNING 1`,
    now,
    delivery.message,
    delivery.attempt,
    delivery.recipients[0]?.position ?? -1,
    refused.length > 0 ? JSON.stringify(refused) : null,
  )
  return marked !== undefined
}

/** Answers the record as it is kept. */
export function settle(sql: OutboxSql, settlement: Settlement, now: number): AttemptRecord {
  const { delivery, outcomes } = settlement
  return sql.transaction(() => {
    const written = outcomes.filter((outcome) => writeOutcome(sql, settlement, outcome, now))
    // A cancel takes all of them or none.
    const record = written.length > 0 ? settlement.record : canceled(settlement.record)
    sql.run(
      'UPDATE attempts SET record = ? WHERE message = ? AND attempt = ?',
      JSON.stringify(record),
      delivery.message,
      delivery.attempt,
    )
    const unknown = outcomes.some(({ state }) => state === 'unknown')
    const stays = unknown || delivery.held
    // Another relay than the one that tried stands there where the mail was moved meanwhile; what is unknown can't be.
    sql.run(
      `UPDATE copies SET running = 0, tries = tries + ?1, unknowns = unknowns + ?9, due_at = ${DUE_AT},
         relay_index = CASE WHEN ?2 OR relay = ?3 THEN ?4 ELSE relay_index END,
         refusals = CASE WHEN ?2 OR relay = ?3 THEN ?8 ELSE refusals END,
         relay = CASE WHEN ?2 OR relay = ?3 THEN ?5 ELSE relay END
       WHERE message = ?6 AND copy = ?7`,
      Number(settlement.counted && outcomes.some(countsTowardsBackOff)),
      Number(stays),
      settlement.relay,
      settlement.relay_index,
      stays ? settlement.relay : (delivery.relays[settlement.relay_index] ?? settlement.relay),
      delivery.message,
      delivery.copy,
      settlement.refusals,
      Number(outcomes.some(({ rule }) => rule === UNKNOWN.rule)),
    )
    if (settlement.unreachable) beginUnreachable(sql, delivery, now)
    else if (delivery.unreached) endUnreachable(sql, delivery, now)
    const told = written.map(({ event }) => event).filter((event) => event !== null)
    const fallbacks = settlement.fallbacks.filter(
      ({ data }) => !isFallbackTold(sql, delivery.message, data),
    )
    touchMessage(sql, delivery.message, now, [...fallbacks, ...told])
    return record
  })
}

function canceled(record: AttemptRecord): AttemptRecord {
  const recipients = record.recipients.map((one) => ({ ...one, state: 'canceled' as const }))
  return { ...record, recipients, decision: 'canceled', next_attempt_at: null }
}

function countsTowardsBackOff({ state, uncounted }: RecipientOutcome): boolean {
  return !uncounted && state !== 'relayed' && state !== 'bounced'
}

/** False where nothing was: a recipient that was canceled while its attempt ran stays so. */
function writeOutcome(
  sql: OutboxSql,
  settlement: Settlement,
  outcome: RecipientOutcome,
  now: number,
): boolean {
  const row = sql.first(
    `UPDATE recipients SET state = ?, code = ?, rule = ?, reply = ?, queue_id = coalesce(?, queue_id), relay = ?,
       host = ?, route = coalesce(?, route), attempts = attempts + ?, next_attempt_at = ?,
       may_duplicate = max(may_duplicate, ?), unreached = ?, updated_at = ?
     WHERE message = ? AND position = ? AND state <> 'canceled' RETURNING 1`,
    outcome.state,
    outcome.code,
    outcome.rule,
    outcome.reply && JSON.stringify(outcome.reply),
    outcome.queue_id,
    settlement.relay,
    settlement.host,
    settlement.route,
    Number(settlement.counted && !outcome.uncounted),
    outcome.next_at,
    Number(outcome.may_duplicate),
    Number(settlement.unreachable && settlement.route === null),
    now,
    settlement.delivery.message,
    outcome.position,
  )
  return row !== undefined
}

/** Forgets an attempt that reached nobody's mailbox server: the copy is due as before and nothing was counted. */
export function giveBack(sql: OutboxSql, delivery: Delivery): void {
  sql.transaction(() => {
    sql.run(
      'DELETE FROM attempts WHERE message = ? AND attempt = ?',
      delivery.message,
      delivery.attempt,
    )
    sql.run(
      'UPDATE messages SET attempts = attempts - 1 WHERE id = ? AND attempts = ?',
      delivery.message,
      delivery.attempt,
    )
    sql.run(
      'UPDATE copies SET running = 0 WHERE message = ? AND copy = ?',
      delivery.message,
      delivery.copy,
    )
    refreshCopy(sql, delivery.message, delivery.copy, delivery.started_at)
  })
}
