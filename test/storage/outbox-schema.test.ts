import { expect, test } from 'vitest'
import { OUTBOX_SCHEMA } from '../../src/storage/outbox-schema.ts'
import { openOutbox } from '../../src/storage/outbox-store.ts'
import { migrate } from '../../src/storage/sql.ts'
import { nodeSql } from '../support/node-sql.ts'

test('an attempt that code of the first schema left open is read', () => {
  const sql = nodeSql()
  migrate(sql, OUTBOX_SCHEMA.slice(0, 1))
  sql.run(
    `INSERT INTO messages (id, key_id, sandbox, created_at, expires_in, expires_at, expires_stated, on_unknown, sender,
       from_address, message_id, priority, relays, tags, metadata, size)
     VALUES ('msg_1', 'key_a', 0, 1, 60, 61, 0, 'resend', 'a@example.com', 'a@example.com', '<1@example.com>', 1,
       '["primary"]', '{}', '{}', 10)`,
  )
  sql.run(
    `INSERT INTO copies (message, copy, role, chunks, size, smtputf8, eight_bit, relay, priority, running)
     VALUES ('msg_1', 0, 'named', 'msg_1/0', 10, 0, 0, 'primary', 1, 1)`,
  )
  sql.run(
    `INSERT INTO attempts (message, attempt, copy, relay, started_at, positions, dot_sent_at)
     VALUES ('msg_1', 1, 0, 'primary', 2, '[0]', 3)`,
  )
  expect(openOutbox(sql).openAttempts(4)).toMatchObject([
    { delivery: { message: 'msg_1', attempt: 1, unknowns: 0 }, dot_sent_at: 3, refused: [] },
  ])
})

test('what waited for a relay out of reach under an earlier schema goes on to stand still', () => {
  const HOUR = 3_600_000
  const sql = nodeSql()
  migrate(sql, OUTBOX_SCHEMA.slice(0, 7))
  sql.run(
    `INSERT INTO messages (id, key_id, sandbox, created_at, expires_in, expires_at, expires_stated, unreachable_since,
       on_unknown, sender, from_address, message_id, priority, relays, tags, metadata, size)
     VALUES ('msg_1', 'key_a', 0, 0, 86400, ?, 0, 0, 'resend', 'a@example.com', 'a@example.com', '<1@example.com>', 1,
       '["primary"]', '{}', '{}', 10)`,
    24 * HOUR,
  )
  sql.run(
    `INSERT INTO copies (message, copy, role, chunks, size, smtputf8, eight_bit, relay, priority, due_at)
     VALUES ('msg_1', 0, 'named', 'msg_1/0', 10, 0, 0, 'primary', 1, ?)`,
    30 * HOUR,
  )
  sql.run(
    `INSERT INTO recipients (message, position, copy, address, kind, state, next_attempt_at, updated_at)
     VALUES ('msg_1', 0, 0, 'b@example.net', 'to', 'deferred', ?, 0)`,
    30 * HOUR,
  )
  expect(openOutbox(sql).take('primary', 30 * HOUR, false)).toMatchObject({
    unreached: true,
    expires_at: 54 * HOUR,
  })
})
