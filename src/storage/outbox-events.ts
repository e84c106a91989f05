/** Events of the messages in this shard: numbered per message without gaps, published from here. */

import type { Event, EventType } from '../domain/event.ts'
import { newId } from '../domain/id.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { NewEvent } from '../ports/message-store.ts'
import type { OutboxSql } from './outbox-sql.ts'
import type { Sql } from './sql.ts'

/** Rows of one INSERT: an object takes 100 bound values a statement. */
const ROWS_AT_ONCE = 16

/** Writes events as `seq` and following, inside the caller's transaction. */
export function insertEvents(
  sql: Sql,
  message: string,
  seq: number,
  events: readonly NewEvent[],
  now: number,
): void {
  for (let first = 0; first < events.length; first += ROWS_AT_ONCE) {
    const rows = events.slice(first, first + ROWS_AT_ONCE)
    sql.run(
      `INSERT INTO events (message, seq, id, type, timestamp, data)
       VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
      ...rows.flatMap(({ type, data }, index) => [
        message,
        seq + first + index,
        newId('evt', now),
        type,
        now,
        JSON.stringify(data),
      ]),
    )
  }
}

/** Writes one event and marks the message as not yet published. */
export function appendEvent(
  sql: OutboxSql,
  message: string,
  type: NewEvent['type'],
  data: Record<string, unknown>,
  now: number,
): void {
  const row = sql.first<{ last_seq: number }>(
    'UPDATE messages SET last_seq = last_seq + 1, unpublished = unpublished + 1 WHERE id = ? RETURNING last_seq',
    message,
  )
  if (row) insertEvents(sql, message, row.last_seq, [{ type, data }], now)
  sql.changed?.(message, { type, data })
}

/** Whether the message's other copy, or an earlier attempt, told of the same way from one relay or port to another. */
export function isFallbackTold(sql: Sql, message: string, data: NewEvent['data']): boolean {
  const same = (name: string) => `data ->> '${name}' IS ?`
  const told = sql.first(
    `SELECT 1 FROM events WHERE message = ? AND type = 'relay.fallback' AND ${FALLBACK.map(same).join(' AND ')}`,
    message,
    ...FALLBACK.map((name) => (data[name] as string | undefined) ?? null),
  )
  return told !== undefined
}

const FALLBACK = ['relay', 'from', 'to', 'next_relay']

interface EventRow {
  seq: number
  id: string
  type: EventType
  timestamp: number
  data: string
}

export function readEvents(sql: Sql, message: string): Event[] {
  return sql
    .all<EventRow>(
      'SELECT seq, id, type, timestamp, data FROM events WHERE message = ? ORDER BY seq',
      message,
    )
    .map(({ seq, id, type, timestamp, data }) => ({
      id,
      seq,
      type,
      timestamp: rfc3339(timestamp),
      data: JSON.parse(data),
    }))
}
