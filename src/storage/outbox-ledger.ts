/** The Outbox's database as acceptance, readers and operators see it. */

import type { MessageLedger } from '../ports/message-store.ts'
import * as acceptance from './outbox-accept.ts'
import * as changes from './outbox-changes.ts'
import { readDocument } from './outbox-document.ts'
import * as operations from './outbox-operations.ts'
import { retry } from './outbox-retry.ts'
import type { OutboxSql } from './outbox-sql.ts'
import { readContent } from './outbox-store.ts'
import * as takeover from './outbox-takeover.ts'

interface HeaderRow {
  copy: number
  header: ArrayBuffer | Uint8Array
  body_hash: string | null
}

export function outboxLedger(sql: OutboxSql): MessageLedger {
  return {
    stage: (name, index, chunk, claim, now) =>
      acceptance.stageChunk(sql, name, index, chunk, claim, now),
    accept: (message, claim, now) => acceptance.accept(sql, message, claim, now),
    recall: (claim, now) => acceptance.recall(sql, claim, now),
    reserve: (claim, now) => acceptance.reserve(sql, claim, now),
    recallCall: (claim, now) => acceptance.recallCall(sql, claim, now),
    keepCall: (claim, result, now) => acceptance.keepCall(sql, claim, result, now),
    read: (id) => readDocument(sql, id),
    hasOutcome: (id) =>
      sql.first(`SELECT 1 FROM recipients WHERE message = ? AND state = 'queued'`, id) ===
      undefined,
    content: (id, copy) => {
      const row = sql.first<{ removed: number }>(
        'SELECT header IS NULL AS removed FROM copies WHERE message = ? AND copy = ?',
        id,
        copy,
      )
      if (!row) return null
      return row.removed ? 'removed' : readContent(sql, id, copy)
    },
    headers: (id) => {
      const rows = sql.all<HeaderRow>(
        'SELECT copy, header, body_hash FROM copies WHERE message = ? AND header IS NOT NULL ORDER BY copy',
        id,
      )
      return rows.length === 0
        ? null
        : rows.map((row) => ({ ...row, header: new Uint8Array(row.header) }))
    },
    cancel: (id, now) => changes.cancel(sql, id, now),
    reschedule: (id, patch, now) => changes.reschedule(sql, id, patch, now),
    retry: (id, recipients, carriers, now) => retry(sql, id, recipients, carriers, now),
    resolve: (id, recipients, as, now) => changes.resolve(sql, id, recipients, as, now),
    wake: (relay, now) => operations.wake(sql, relay, now),
    held: (relay, senders) => takeover.held(sql, relay, senders),
    foreign: (relay, senders) => takeover.foreign(sql, relay, senders),
    move: (relay, to, senders, now) => takeover.move(sql, relay, to, senders, now),
    status: (limitBytes) => operations.status(sql, limitBytes),
    sizeBytes: () => sql.sizeBytes(),
    sweep: (contentDays, now) => operations.sweep(sql, contentDays, now),
    outdated: (logDays, now) => operations.outdated(sql, logDays, now),
    forget: (messages) => operations.forget(sql, messages),
  }
}
