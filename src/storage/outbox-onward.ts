/** Mail that can't go by its relay now: on to the next of its list, and back to the first where the list ends. */

import { appendEvent, isFallbackTold } from './outbox-events.ts'
import { RELAYS, refreshCopy } from './outbox-rows.ts'
import type { OutboxSql } from './outbox-sql.ts'

/** So many due copies are asked for their relays. */
const ASKED = 1000

/** What is unknown goes nowhere else. */
const isKnown = (copies: string) => `NOT EXISTS (SELECT 1 FROM recipients r
  WHERE r.message = ${copies}.message AND r.copy = ${copies}.copy AND r.state = 'unknown')`

export function nextRelays(sql: OutboxSql, relay: string, now: number): string[] {
  return sql
    .all<{ relay: string }>(
      `SELECT DISTINCT value AS relay FROM (
         SELECT message, relay_index, relays FROM copies
         WHERE relay = ? AND due_at IS NOT NULL AND due_at <= ? AND running = 0 LIMIT ${ASKED}) c
       CROSS JOIN messages m ON m.id = c.message CROSS JOIN json_each(${RELAYS})
       WHERE key > c.relay_index`,
      relay,
      now,
    )
    .map(({ relay }) => relay)
}

export interface Passing {
  message: string
  copy: number
  relay: string
  /** Why it goes on. */
  code: string
}

/** The relay that has the copy now; undefined where none of these comes after its own. `among` null: any. */
export function passOn(
  sql: OutboxSql,
  { message, copy, relay, code }: Passing,
  among: readonly string[] | null,
  now: number,
): string | undefined {
  const row = sql.first<{ relays: string; relay_index: number }>(
    `SELECT ${RELAYS} AS relays, c.relay_index FROM copies c JOIN messages m ON m.id = c.message
     WHERE c.message = ? AND c.copy = ? AND ${isKnown('c')}`,
    message,
    copy,
  )
  if (!row) return undefined
  const relays = JSON.parse(row.relays) as string[]
  const index = relays.findIndex(
    (id, at) => at > row.relay_index && (among === null || among.includes(id)),
  )
  const next = relays[index]
  if (next === undefined) return undefined
  sql.run(
    'UPDATE copies SET relay = ?, relay_index = ? WHERE message = ? AND copy = ?',
    next,
    index,
    message,
    copy,
  )
  // Told once: whoever waits already has heard why.
  const unheard = sql.first(
    `SELECT 1 FROM recipients WHERE message = ? AND copy = ? AND state = 'queued'`,
    message,
    copy,
  )
  const data = { relay, next_relay: next, code }
  if (unheard && !isFallbackTold(sql, message, data))
    appendEvent(sql, message, 'relay.fallback', data, now)
  refreshCopy(sql, message, copy, now)
  return next
}

/** Whether it was another relay's turn: the next round begins with the first. */
export function beginAnew(sql: OutboxSql, message: string, copy: number): boolean {
  const row = sql.first(
    `UPDATE copies AS c SET relay = ${RELAYS} ->> 0, relay_index = 0, refusals = 0
     FROM messages m WHERE m.id = c.message
       AND c.message = ? AND c.copy = ? AND c.relay_index > 0 AND ${isKnown('c')} RETURNING 1`,
    message,
    copy,
  )
  return row !== undefined
}
