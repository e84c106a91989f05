/** Events of the messages in this shard: numbered per message without gaps, published from here. */

import type { Event, EventType } from '../domain/event.ts'
import { newId } from '../domain/id.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { Sql } from './sql.ts'

/** Writes one event inside the caller's transaction and marks the message as not yet published. */
export function appendEvent(
  sql: Sql,
  message: string,
  type: EventType,
  data: Record<string, unknown>,
  now: number,
): void {
  const row = sql.first<{ last_seq: number }>(
    'UPDATE messages SET last_seq = last_seq + 1, unpublished = unpublished + 1 WHERE id = ? RETURNING last_seq',
    message,
  )
  if (!row) return
  sql.run(
    'INSERT INTO events (message, seq, id, type, timestamp, data) VALUES (?, ?, ?, ?, ?, ?)',
    message,
    row.last_seq,
    newId('evt', now),
    type,
    now,
    JSON.stringify(data),
  )
}

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
