/** A message's rows as the documents the API answers with. */

import type { AttemptRecord } from '../domain/attempt.ts'
import type { RouteName } from '../domain/route.ts'
import {
  isPending,
  type MessageStatus,
  messageStatus,
  type RecipientState,
} from '../domain/states.ts'
import { messageSummary, recipientSummary } from '../domain/summary.ts'
import { rfc3339 } from '../ports/clock.ts'
import type {
  MessageDocument,
  OnUnknown,
  OwnedDocument,
  RecipientDocument,
  RecipientKind,
} from '../ports/outbox.ts'
import { PRIORITIES } from './outbox-accept.ts'
import { readEvents } from './outbox-events.ts'
import { RELAYS } from './outbox-rows.ts'
import type { Sql } from './sql.ts'

export interface MessageRow {
  id: string
  key_id: string
  sandbox: number
  created_at: number
  send_at: number | null
  expires_at: number
  /** The latest of its copies', where one has its own. */
  extended_to: number | null
  on_unknown: OnUnknown
  require_tls: number
  sender: string
  from_address: string
  message_id: string
  priority: number
  /** The first of its first copy's candidates. */
  candidate: string | null
  tags: string
  metadata: string
  size: number
  last_seq: number
  running: number
}

export interface RecipientRow {
  address: string
  kind: RecipientKind
  copy: number
  state: RecipientState
  code: string | null
  reply: string | null
  queue_id: string | null
  relay: string | null
  host: string | null
  route: RouteName | null
  attempts: number
  next_attempt_at: number | null
  may_duplicate: number
  protection: string | null
  updated_at: number
}

/** Of a message `m`, with whether a session is working on one of its copies. */
export const MESSAGE_COLUMNS = `m.*,
  (SELECT max(running) FROM copies c WHERE c.message = m.id) AS running,
  (SELECT max(expires_at) FROM copies c WHERE c.message = m.id) AS extended_to,
  (SELECT ${RELAYS} ->> 0 FROM copies c WHERE c.message = m.id ORDER BY c.copy LIMIT 1) AS candidate`

function readRows(
  sql: Sql,
  id: string,
): { message: MessageRow; recipients: RecipientRow[] } | null {
  const message = sql.first<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE id = ?`,
    id,
  )
  if (!message) return null
  const recipients = sql.all<RecipientRow>(
    'SELECT * FROM recipients WHERE message = ? ORDER BY position',
    id,
  )
  return { message, recipients }
}

export function statusOf(message: MessageRow, recipients: RecipientRow[]): MessageStatus {
  const untried = recipients.every(({ attempts }) => attempts === 0)
  return messageStatus({
    states: recipients.map(({ state }) => state),
    // The due time was set from send_at: it is still scheduled while nobody has looked at it.
    scheduled:
      untried &&
      message.running === 0 &&
      message.send_at !== null &&
      recipients.some((one) => one.next_attempt_at === message.send_at),
    sending: message.running === 1,
  })
}

function recipientDocument(row: RecipientRow, attempts: AttemptRecord[]): RecipientDocument {
  const waits = isPending(row.state) || row.state === 'unknown'
  const document = {
    address: row.address,
    kind: row.kind,
    copy: row.copy,
    state: row.state,
    queue_id: row.queue_id,
    reply: row.reply === null ? null : JSON.parse(row.reply),
    attempts: row.attempts,
    next_attempt_at: rfc3339(waits ? row.next_attempt_at : null),
    may_duplicate: row.may_duplicate === 1,
    protection: row.protection === null ? null : JSON.parse(row.protection),
    updated_at: rfc3339(row.updated_at),
  }
  return {
    ...document,
    summary: recipientSummary(
      { ...document, host: row.host, route: row.route, code: row.code },
      attempts,
    ),
  }
}

export function readDocument(sql: Sql, id: string): OwnedDocument | null {
  const rows = readRows(sql, id)
  if (!rows) return null
  const { message } = rows
  const attempts = sql
    .all<{ record: string }>(
      'SELECT record FROM attempts WHERE message = ? AND record IS NOT NULL ORDER BY attempt',
      id,
    )
    .map(({ record }) => JSON.parse(record) as AttemptRecord)
  const recipients = rows.recipients.map((row) => recipientDocument(row, attempts))
  const document: Omit<MessageDocument, 'summary'> = {
    id,
    status: statusOf(message, rows.recipients),
    message_id: message.message_id,
    queue_id: recipients.find(({ queue_id }) => queue_id !== null)?.queue_id ?? null,
    sender: message.sender,
    from: message.from_address,
    created_at: rfc3339(message.created_at),
    send_at: rfc3339(message.send_at),
    expires_at: rfc3339(Math.max(message.expires_at, message.extended_to ?? 0)),
    priority: PRIORITIES[message.priority] ?? 'normal',
    relay: rows.recipients.findLast(({ relay }) => relay !== null)?.relay ?? message.candidate,
    on_unknown: message.on_unknown,
    require_tls: message.require_tls === 1,
    size: message.size,
    tags: JSON.parse(message.tags),
    metadata: JSON.parse(message.metadata),
    sandbox: message.sandbox === 1,
    recipients,
    attempts,
    events: readEvents(sql, id),
  }
  // What a person looks for comes first.
  const first = { id, status: document.status, summary: messageSummary(document) }
  return { key_id: message.key_id, document: { ...first, ...document } }
}
