/** The shard's side of publishing: messages that changed, as rows of the index. A batch costs three statements. */

import { rfc3339 } from '../ports/clock.ts'
import type { ChangedMessage, IndexedMessage } from '../ports/message-index.ts'
import { MESSAGE_COLUMNS, type MessageRow, type RecipientRow, statusOf } from './outbox-document.ts'
import type { Sql } from './sql.ts'

interface UnpublishedRow extends MessageRow {
  unpublished: number
}

interface IndexedRecipient extends RecipientRow {
  message: string
}

/** Messages that changed since they were last published, with how often. */
export function readUnpublished(sql: Sql, limit: number): ChangedMessage[] {
  const messages = sql.all<UnpublishedRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE unpublished > 0 LIMIT ?`,
    limit,
  )
  if (messages.length === 0) return []
  const recipients = Map.groupBy(
    sql.all<IndexedRecipient>(
      `SELECT * FROM recipients WHERE message IN (SELECT value FROM json_each(?))
       ORDER BY message, position`,
      JSON.stringify(messages.map(({ id }) => id)),
    ),
    ({ message }) => message,
  )
  return messages.map((message) => ({
    row: indexRow(message, recipients.get(message.id) ?? []),
    changes: message.unpublished,
  }))
}

function indexRow(message: MessageRow, recipients: RecipientRow[]): IndexedMessage {
  return {
    id: message.id,
    key_id: message.key_id,
    seq: message.last_seq,
    status: statusOf(message, recipients),
    sender: message.sender,
    from: message.from_address,
    message_id: message.message_id,
    queue_ids: queueIds(recipients),
    relay: recipients.findLast(({ relay }) => relay !== null)?.relay ?? message.candidate,
    tags: JSON.parse(message.tags),
    recipients: recipients.map(({ address, state }) => ({ address, state })),
    created_at: rfc3339(message.created_at),
    updated_at: rfc3339(
      recipients.reduce((latest, one) => Math.max(latest, one.updated_at), message.created_at),
    ),
  }
}

/** One for each transaction that was taken: recipients of a copy share theirs. */
function queueIds(recipients: RecipientRow[]): IndexedMessage['queue_ids'] {
  const named = new Map<string, IndexedMessage['queue_ids'][number]>()
  for (const { copy, queue_id } of recipients) {
    if (queue_id !== null) named.set(`${copy} ${queue_id}`, { copy, queue_id })
  }
  return [...named.values()].toSorted((a, b) => a.copy - b.copy)
}

export function markPublished(sql: Sql, messages: ChangedMessage[]): void {
  sql.run(
    `UPDATE messages SET unpublished = 0
     WHERE (id, unpublished) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`,
    JSON.stringify(messages.map(({ row, changes }) => [row.id, changes])),
  )
}
