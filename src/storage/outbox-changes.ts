/** What people change on accepted mail: cancel, reschedule, resolve. */

import { isPending, type RecipientState } from '../domain/states.ts'
import { rfc3339 } from '../ports/clock.ts'
import type { ChangeAnswer, SchedulePatch } from '../ports/outbox.ts'
import { readDocument } from './outbox-document.ts'
import { appendEvent } from './outbox-events.ts'
import { copiesOf, refreshCopy } from './outbox-rows.ts'
import type { OutboxSql } from './outbox-sql.ts'

export interface ChangedRow {
  position: number
  copy: number
  address: string
  state: RecipientState
  next_attempt_at: number | null
  /** The last octets of an attempt with it have left and no result is known. */
  leaving: number
  running: number
}

function rowsOf(sql: OutboxSql, id: string): ChangedRow[] {
  return sql.all<ChangedRow>(
    `SELECT r.position, r.copy, r.address, r.state, r.next_attempt_at, c.running,
       EXISTS (SELECT 1 FROM attempts a WHERE a.message = r.message AND a.copy = r.copy
               AND a.record IS NULL AND a.dot_sent_at IS NOT NULL) AS leaving
     FROM recipients r JOIN copies c ON c.message = r.message AND c.copy = r.copy
     WHERE r.message = ? ORDER BY r.position`,
    id,
  )
}

export interface Refusal {
  code: string
  detail: string
}

/** One transaction. `choose` answers whom it changes, or why nobody; `refusal` is the reason where it names none. */
export function change(
  sql: OutboxSql,
  id: string,
  choose: (rows: ChangedRow[]) => ChangedRow[] | Refusal,
  refusal: Refusal,
  apply: (row: ChangedRow) => void,
  now: number,
): ChangeAnswer {
  return sql.transaction(() => {
    const rows = rowsOf(sql, id)
    if (rows.length === 0) return { kind: 'not_found' }
    const chosen = choose(rows)
    if ('code' in chosen) return { kind: 'refused', ...chosen }
    if (chosen.length === 0) return { kind: 'refused', ...refusal }
    for (const row of chosen) apply(row)
    for (const copy of copiesOf(sql, id)) refreshCopy(sql, id, copy, now)
    const owned = readDocument(sql, id)
    return owned ? { kind: 'changed', document: owned.document } : { kind: 'not_found' }
  })
}

export function setState(
  sql: OutboxSql,
  id: string,
  row: ChangedRow,
  state: RecipientState,
  nextAt: number | null,
  now: number,
): void {
  sql.run(
    'UPDATE recipients SET state = ?, next_attempt_at = ?, updated_at = ? WHERE message = ? AND position = ?',
    state,
    nextAt,
    now,
    id,
    row.position,
  )
}

/** Takes back every recipient that is queued or deferred and whose last octets have not left. */
export function cancel(sql: OutboxSql, id: string, now: number): ChangeAnswer {
  const canceled: string[] = []
  return change(
    sql,
    id,
    (rows) => {
      const chosen = rows.filter((row) => isPending(row.state) && row.leaving === 0)
      canceled.push(...chosen.map(({ address }) => address))
      if (chosen.length > 0) appendEvent(sql, id, 'message.canceled', { recipients: canceled }, now)
      return chosen
    },
    {
      code: 'message.not_cancelable',
      detail: 'No recipient is queued or deferred any more; what has left cannot be taken back.',
    },
    (row) => setState(sql, id, row, 'canceled', null, now),
    now,
  )
}

/** Moves `send_at` of a message nobody has tried yet and replaces its headers by re-dated ones. */
export function reschedule(
  sql: OutboxSql,
  id: string,
  patch: SchedulePatch,
  now: number,
): ChangeAnswer {
  return change(
    sql,
    id,
    (rows) => {
      const message = sql.first<{ attempts: number; send_at: number | null; expires_in: number }>(
        'SELECT attempts, send_at, expires_in FROM messages WHERE id = ?',
        id,
      )
      if (!message || message.attempts > 0 || message.send_at === null || message.send_at <= now)
        return []
      sql.run(
        'UPDATE messages SET send_at = ?, expires_at = ? WHERE id = ?',
        patch.send_at,
        patch.send_at + message.expires_in * 1000,
        id,
      )
      for (const { copy, header } of patch.headers) {
        sql.run(
          'UPDATE copies SET size = size - length(header) + ?, header = ? WHERE message = ? AND copy = ?',
          header.length,
          header,
          id,
          copy,
        )
      }
      appendEvent(sql, id, 'message.scheduled', { send_at: rfc3339(patch.send_at) }, now)
      return rows.filter(({ state }) => state === 'queued')
    },
    {
      code: 'message.not_scheduled',
      detail: 'Only a message that is scheduled and not yet tried can be moved.',
    },
    (row) => setState(sql, id, row, 'queued', patch.send_at, now),
    now,
  )
}

/** Settles an unknown outcome by what the operator knows. */
export function resolve(
  sql: OutboxSql,
  id: string,
  addresses: string[] | null,
  as: 'relayed' | 'not_sent',
  now: number,
): ChangeAnswer {
  return change(
    sql,
    id,
    (rows) =>
      rows.filter(
        (row) =>
          row.state === 'unknown' &&
          row.running === 0 &&
          (addresses === null || addresses.includes(row.address)),
      ),
    { code: 'message.not_unknown', detail: 'None of these recipients has an unknown outcome.' },
    (row) => {
      const data = { recipient: row.address, resolved: true }
      if (as === 'relayed') {
        setState(sql, id, row, 'relayed', null, now)
        appendEvent(sql, id, 'recipient.relayed', data, now)
      } else {
        sql.run(
          'UPDATE recipients SET may_duplicate = 0 WHERE message = ? AND position = ?',
          id,
          row.position,
        )
        setState(sql, id, row, 'queued', now, now)
        appendEvent(sql, id, 'recipient.deferred', { ...data, code: 'resolved.not_sent' }, now)
      }
    },
    now,
  )
}
