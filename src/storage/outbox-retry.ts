/** Trying failed, expired, unknown or waiting recipients again, by the relays that may have them now. */

import { isRetryable } from '../domain/states.ts'
import type { ChangeAnswer } from '../ports/outbox.ts'
import { type ChangedRow, change, type Refusal, setState } from './outbox-changes.ts'
import { RELAYS } from './outbox-rows.ts'
import type { OutboxSql } from './outbox-sql.ts'

const NONE_RETRYABLE: Refusal = {
  code: 'message.not_retryable',
  detail:
    'Only bounced, expired, unknown or deferred recipients whose content is still kept can be tried again.',
}

const NO_RELAY: Refusal = {
  code: 'relay.none',
  detail:
    'None of the relays this message may go by carries its sender now, or this key may not use them.',
}

/** `carriers`: the relays that may have the message now, in order; null: those it has. What was unknown may arrive twice and says so. */
export function retry(
  sql: OutboxSql,
  id: string,
  addresses: string[] | null,
  carriers: readonly string[] | null,
  now: number,
): ChangeAnswer {
  const routes = new Map<number, string[] | 'as before' | null>()
  const routeOf = ({ copy }: ChangedRow) => {
    const known = routes.get(copy)
    if (known !== undefined) return known
    const route = carriers === null ? 'as before' : routeNow(sql, id, copy, carriers)
    routes.set(copy, route)
    return route
  }
  return change(
    sql,
    id,
    (rows) => {
      const wanted = isKept(sql, id) ? rows.filter((row) => isAsked(row, rows, addresses)) : []
      const carried = wanted.filter((row) => routeOf(row) !== null)
      return carried.length === 0 && wanted.length > 0 ? NO_RELAY : carried
    },
    NONE_RETRYABLE,
    (row) => {
      const route = routeOf(row)
      if (Array.isArray(route)) reroute(sql, id, row.copy, route)
      tryNow(sql, id, row, now)
    },
    now,
  )
}

function isKept(sql: OutboxSql, id: string): boolean {
  const removed = 'SELECT 1 FROM messages WHERE id = ? AND content_removed_at IS NOT NULL'
  return sql.first(removed, id) === undefined
}

function isAsked(row: ChangedRow, rows: ChangedRow[], addresses: string[] | null): boolean {
  if (!isRetryable(row.state) || row.running !== 0) return false
  if (addresses !== null) return addresses.includes(row.address)
  return row.state !== 'deferred' || rows.length === 1
}

/** Null: no way at all. What is unknown goes nowhere else, and what the request gave a relay by name stays within that. */
function routeNow(
  sql: OutboxSql,
  id: string,
  copy: number,
  carriers: readonly string[],
): string[] | 'as before' | null {
  const row = sql.first<{ relay: string; relays: string; pinned: number; unknown: number }>(
    `SELECT c.relay, ${RELAYS} AS relays, coalesce(m.pinned, json_array_length(m.relays) = 1) AS pinned,
       EXISTS (SELECT 1 FROM recipients r
               WHERE r.message = c.message AND r.copy = c.copy AND r.state = 'unknown') AS unknown
     FROM copies c JOIN messages m ON m.id = c.message WHERE c.message = ? AND c.copy = ?`,
    id,
    copy,
  )
  if (!row) return null
  if (row.unknown) return carriers.includes(row.relay) ? 'as before' : null
  const before = JSON.parse(row.relays) as string[]
  const now = row.pinned ? before.filter((relay) => carriers.includes(relay)) : [...carriers]
  return now.length > 0 ? now : null
}

function reroute(sql: OutboxSql, id: string, copy: number, relays: string[]): void {
  sql.run(
    `UPDATE copies SET relays = ?1, relay = ?1 ->> 0, relay_index = 0, refusals = 0
     WHERE message = ?2 AND copy = ?3`,
    JSON.stringify(relays),
    id,
    copy,
  )
}

function tryNow(sql: OutboxSql, id: string, row: ChangedRow, now: number): void {
  const unknown = row.state === 'unknown'
  sql.run(
    'UPDATE recipients SET may_duplicate = max(may_duplicate, ?) WHERE message = ? AND position = ?',
    Number(unknown),
    id,
    row.position,
  )
  sql.run(
    'UPDATE messages SET expires_at = max(expires_at, ? + expires_in * 1000) WHERE id = ?',
    now,
    id,
  )
  // What is unknown stays so until something is known: it may neither expire nor go to another relay.
  setState(sql, id, row, unknown ? 'unknown' : 'queued', now, now)
}
