/**
 * The read side in D1. Rows go in as one JSON value per statement: a batch costs five statements however many
 * messages it carries, and no list of bound parameters ever nears the limit of 100.
 */

import type { IndexedMessage, MessageIndex } from '../ports/message-index.ts'
import { indexedMessage, ROW, selectPage, whereOf } from './message-index-query.ts'

/** Octets of JSON in one bound value: D1 takes 2 MB. */
const MAX_JSON = 500_000

const field = (name: string) => `value ->> '${name}'`

/** A newer row wins; recipients and tags follow only the row that is stored. */
const WRITE = [
  `INSERT INTO index_messages (id, key_id, seq, status, sender, from_address, message_id,
     relay, created_at, updated_at)
   SELECT ${['id', 'key_id', 'seq', 'status', 'sender', 'from', 'message_id', 'relay', 'created_at', 'updated_at'].map(field).join(', ')}
   FROM json_each(?1) WHERE true
   ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, status = excluded.status,
     relay = excluded.relay, updated_at = excluded.updated_at, created_at = excluded.created_at
   WHERE excluded.seq >= index_messages.seq`,
  `INSERT INTO index_recipients (message, position, address, state)
   SELECT m.value ->> 'id', r.key, r.value ->> 'address', r.value ->> 'state'
   FROM json_each(?1) AS m, json_each(m.value, '$.recipients') AS r
   WHERE EXISTS (SELECT 1 FROM index_messages AS i
     WHERE i.id = m.value ->> 'id' AND i.seq = m.value ->> 'seq')
   ON CONFLICT (message, position) DO UPDATE SET state = excluded.state
   WHERE state <> excluded.state`,
  `INSERT OR IGNORE INTO index_tags (message, name, value)
   SELECT m.value ->> 'id', t.key, t.value
   FROM json_each(?1) AS m, json_each(m.value, '$.tags') AS t`,
  `INSERT OR IGNORE INTO index_queue_ids (message, copy, queue_id)
   SELECT m.value ->> 'id', q.value ->> 'copy', q.value ->> 'queue_id'
   FROM json_each(?1) AS m, json_each(m.value, '$.queue_ids') AS q`,
]

const REMOVE = [
  'DELETE FROM index_recipients WHERE message IN (SELECT value FROM json_each(?1))',
  'DELETE FROM index_tags WHERE message IN (SELECT value FROM json_each(?1))',
  'DELETE FROM index_queue_ids WHERE message IN (SELECT value FROM json_each(?1))',
  'DELETE FROM index_messages WHERE id IN (SELECT value FROM json_each(?1))',
]

export function createMessageIndex(db: D1Database): MessageIndex {
  async function runEach(statements: string[], json: string): Promise<void> {
    await db.batch(statements.map((sql) => db.prepare(sql).bind(json)))
  }

  return {
    async write(rows) {
      for (const part of parts(rows)) await runEach(WRITE, part)
    },

    async remove(ids) {
      for (const part of parts(ids)) await runEach(REMOVE, part)
    },

    async list(filter, page) {
      const { sql, bound } = selectPage(filter, page)
      const { results } = await db
        .prepare(sql)
        .bind(...bound)
        .all()
      const data: IndexedMessage[] = results
        .slice(0, page.limit)
        .map((found) => indexedMessage(ROW.parse(found)))
      return {
        data: page.before === undefined ? data : data.reverse(),
        has_more: results.length > page.limit,
      }
    },

    async count(filter) {
      const { where, bound } = whereOf(filter)
      const count = await db
        .prepare(`SELECT count(*) AS n FROM index_messages AS m ${where}`)
        .bind(...bound)
        .first<number>('n')
      return count ?? 0
    },
  }
}

/** JSON arrays of the values, each small enough to bind. */
function parts(values: unknown[]): string[] {
  const arrays: string[] = []
  let items: string[] = []
  let size = 0
  for (const value of values) {
    const json = JSON.stringify(value)
    if (items.length > 0 && size + json.length > MAX_JSON) {
      arrays.push(`[${items.join(',')}]`)
      items = []
      size = 0
    }
    items.push(json)
    size += json.length + 1
  }
  if (items.length > 0) arrays.push(`[${items.join(',')}]`)
  return arrays
}
