/** The Outbox's database as one object: the store that delivery works on. */

import type { MessageStore } from '../ports/message-store.ts'
import * as onward from './outbox-onward.ts'
import { openAttempts } from './outbox-open-attempts.ts'
import { wake } from './outbox-operations.ts'
import * as queue from './outbox-queue.ts'
import { OUTBOX_SCHEMA } from './outbox-schema.ts'
import * as settling from './outbox-settle.ts'
import type { OutboxSql } from './outbox-sql.ts'
import { migrate } from './sql.ts'

export function openOutbox(sql: OutboxSql): MessageStore {
  migrate(sql, OUTBOX_SCHEMA)
  return {
    dueRelays: (now) => queue.dueRelays(sql, now),
    waitingRelays: () => queue.waitingRelays(sql),
    hasDue: (relay, now, onlyHigh) => queue.hasDue(sql, relay, now, onlyHigh),
    nextDue: () => queue.nextDue(sql),
    take: (relay, now, onlyHigh) => queue.take(sql, relay, now, onlyHigh),
    postpone: (relay, postponement, now) => queue.postpone(sql, relay, postponement, now),
    nextRelays: (relay, now) => onward.nextRelays(sql, relay, now),
    content: (message, copy) => readContent(sql, message, copy),
    markDotSent: (delivery, refused, now) => settling.markDotSent(sql, delivery, refused, now),
    onDisk: () => sql.sync(),
    settle: (settlement, now) => settling.settle(sql, settlement, now),
    giveBack: (delivery) => settling.giveBack(sql, delivery),
    wakeUnreached: (relay, now) => void wake(sql, relay, now, 'unreached'),
    openAttempts: (now) => openAttempts(sql, now),
  }
}

/** One chunk in memory at a time. Nothing where retention has taken the content. */
export function* readContent(sql: OutboxSql, message: string, copy: number): Iterable<Uint8Array> {
  const row = sql.first<{ header: ArrayBuffer | Uint8Array | null; chunks: string }>(
    'SELECT header, chunks FROM copies WHERE message = ? AND copy = ?',
    message,
    copy,
  )
  if (!row?.header) return
  yield new Uint8Array(row.header)
  for (let position = 0; ; position++) {
    const chunk = sql.first<{ octets: ArrayBuffer | Uint8Array }>(
      'SELECT octets FROM chunks WHERE name = ? AND position = ?',
      row.chunks,
      position,
    )
    if (!chunk) return
    yield new Uint8Array(chunk.octets)
  }
}
