/** Filters and keyset pages of the message index as SQL, and its rows as they come back. */

import * as z from 'zod/mini'
import { readDomainName } from '../domain/domain-name.ts'
import { MESSAGE_STATUSES, RECIPIENT_STATES } from '../domain/states.ts'
import type { IndexedMessage, MessageFilter } from '../ports/message-index.ts'
import { jsonColumn } from './d1-row.ts'

export const ROW = z.object({
  id: z.string(),
  key_id: z.string(),
  seq: z.number(),
  status: z.enum(MESSAGE_STATUSES),
  sender: z.string(),
  from_address: z.string(),
  message_id: z.string(),
  relay: z.nullable(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  recipients: jsonColumn(
    z.array(z.object({ address: z.string(), state: z.enum(RECIPIENT_STATES) })),
  ),
  tags: jsonColumn(z.record(z.string(), z.string())),
  queue_ids: jsonColumn(z.array(z.object({ copy: z.number(), queue_id: z.string() }))),
})

export function indexedMessage({ from_address, ...row }: z.infer<typeof ROW>): IndexedMessage {
  return { ...row, from: from_address }
}

type Bound = string | number
type Within = NonNullable<MessageFilter['within']>

const COLUMNS = `m.*,
  (SELECT json_group_array(json_object('address', r.address, 'state', r.state) ORDER BY r.position)
   FROM index_recipients AS r WHERE r.message = m.id) AS recipients,
  (SELECT json_group_object(t.name, t.value) FROM index_tags AS t WHERE t.message = m.id) AS tags,
  (SELECT json_group_array(json_object('copy', q.copy, 'queue_id', q.queue_id) ORDER BY q.copy, q.queue_id)
   FROM index_queue_ids AS q WHERE q.message = m.id) AS queue_ids`

/** Newest first; `after` goes on towards older messages, `before` towards newer ones (then in ascending order). */
export function selectPage(
  filter: MessageFilter,
  page: { limit: number; after?: string; before?: string },
): { sql: string; bound: Bound[] } {
  const extra: [string, Bound[]][] = []
  if (page.after !== undefined) extra.push(['m.id < ?', [page.after]])
  if (page.before !== undefined) extra.push(['m.id > ?', [page.before]])
  const { where, bound } = whereOf(filter, extra)
  const order = page.before === undefined ? 'DESC' : 'ASC'
  return {
    sql: `SELECT ${COLUMNS} FROM index_messages AS m ${where} ORDER BY m.id ${order} LIMIT ?`,
    bound: [...bound, page.limit + 1],
  }
}

export function whereOf(
  filter: MessageFilter,
  extra: [string, Bound[]][] = [],
): { where: string; bound: Bound[] } {
  const terms: [string, Bound[]][] = [...extra]
  const equal = (column: string, value: string | undefined) => {
    if (value !== undefined) terms.push([`m.${column} = ?`, [value]])
  }
  equal('key_id', filter.key_id)
  equal('status', filter.status)
  equal('from_address', filter.from)
  equal('relay', filter.relay)
  equal('message_id', filter.message_id && withAngles(filter.message_id))
  if (filter.within) terms.push(...withinTerm(filter.within))
  recipientTerm(filter, terms)
  if (filter.queue_id !== undefined) {
    terms.push([
      'm.id IN (SELECT q.message FROM index_queue_ids AS q WHERE q.queue_id = ?)',
      [filter.queue_id],
    ])
  }
  if (filter.tag) {
    terms.push([
      'EXISTS (SELECT 1 FROM index_tags AS t WHERE t.message = m.id AND t.name = ? AND t.value = ?)',
      [filter.tag.name, filter.tag.value],
    ])
  }
  if (filter.created_after !== undefined) {
    terms.push(['m.created_at >= ?', [instant(filter.created_after)]])
  }
  if (filter.created_before !== undefined) {
    terms.push(['m.created_at < ?', [instant(filter.created_before)]])
  }
  return {
    where: terms.length > 0 ? `WHERE ${terms.map(([sql]) => sql).join(' AND ')}` : '',
    bound: terms.flatMap(([, values]) => values),
  }
}

/** `to` and `state` together mean one recipient that has both. */
function recipientTerm(filter: MessageFilter, terms: [string, Bound[]][]): void {
  const parts: [string, string][] = []
  if (filter.to !== undefined) parts.push(['r.address = ?', filter.to])
  if (filter.state !== undefined) parts.push(['r.state = ?', filter.state])
  if (filter.states !== undefined) {
    parts.push(['r.state IN (SELECT value FROM json_each(?))', JSON.stringify(filter.states)])
  }
  if (parts.length === 0) return
  const sql = parts.map(([term]) => term).join(' AND ')
  terms.push([
    `m.id IN (SELECT r.message FROM index_recipients AS r WHERE ${sql})`,
    parts.map(([, value]) => value),
  ])
}

/** What a key made, or might have made: `maySend` in SQL. */
function withinTerm({ key_id, senders, recipients, relays }: Within): [string, Bound[]][] {
  const parts: [string, Bound[]][] = []
  if (senders) {
    for (const column of ['m.sender', 'm.from_address']) parts.push(matches(column, senders))
  }
  if (recipients) {
    const [sql, bound] = matches('r.address', recipients)
    parts.push([
      `NOT EXISTS (SELECT 1 FROM index_recipients AS r WHERE r.message = m.id AND NOT ${sql})`,
      bound,
    ])
  }
  if (relays) {
    const sql = '(m.relay IS NULL OR m.relay IN (SELECT value FROM json_each(?)))'
    parts.push([sql, [JSON.stringify(relays)]])
  }
  if (parts.length === 0) return []
  const sql = parts.map(([part]) => part).join(' AND ')
  return [[`(m.key_id = ? OR (${sql}))`, [key_id, ...parts.flatMap(([, bound]) => bound)]]]
}

/** `matchesAnyAddress`, of addresses and patterns in their one spelling; no address matches everything. */
function matches(column: string, patterns: string[]): [string, Bound[]] {
  const sql = `(${column} = '' OR EXISTS (SELECT 1 FROM json_each(?) AS p WHERE p.value = '*'
    OR p.value = ${column} COLLATE BINARY
    OR (p.value GLOB '[*]@*' AND substr(${column}, 1 - length(p.value)) = substr(p.value, 2))))`
  return [sql, [JSON.stringify(patterns.flatMap(bothSpellings))]]
}

/** An address with an internationalised local part has its domain in U-labels, a pattern in A-labels. */
function bothSpellings(pattern: string): string[] {
  if (!pattern.startsWith('*@')) return [pattern]
  const name = readDomainName(pattern.slice(2))
  return 'problem' in name || name.unicode === name.ascii
    ? [pattern]
    : [pattern, `*@${name.unicode}`]
}

function withAngles(messageId: string): string {
  return messageId.startsWith('<') ? messageId : `<${messageId}>`
}

/** The stored form, so that text compares as time does. */
function instant(time: string): string {
  return new Date(time).toISOString()
}
