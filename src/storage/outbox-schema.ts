/** The Outbox's tables. A step only adds: old code runs beside new code during a deploy. */

import type { SchemaStep } from './sql.ts'

export const OUTBOX_SCHEMA: readonly SchemaStep[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE messages (
         id TEXT PRIMARY KEY,
         key_id TEXT NOT NULL,
         sandbox INTEGER NOT NULL,
         created_at INTEGER NOT NULL,
         send_at INTEGER,
         expires_in INTEGER NOT NULL,
         expires_at INTEGER NOT NULL,
         expires_stated INTEGER NOT NULL,
         unreachable_since INTEGER,
         on_unknown TEXT NOT NULL,
         sender TEXT NOT NULL,
         from_address TEXT NOT NULL,
         notify TEXT,
         message_id TEXT NOT NULL,
         priority INTEGER NOT NULL,
         relays TEXT NOT NULL,
         tags TEXT NOT NULL,
         metadata TEXT NOT NULL,
         size INTEGER NOT NULL,
         attempts INTEGER NOT NULL DEFAULT 0,
         last_seq INTEGER NOT NULL DEFAULT 0,
         unpublished INTEGER NOT NULL DEFAULT 1,
         final_at INTEGER,
         content_removed_at INTEGER
       ) STRICT, WITHOUT ROWID`,
      'CREATE INDEX messages_unpublished ON messages (unpublished) WHERE unpublished > 0',
      'CREATE INDEX messages_final ON messages (final_at) WHERE final_at IS NOT NULL',
      `CREATE TABLE copies (
         message TEXT NOT NULL,
         copy INTEGER NOT NULL,
         role TEXT NOT NULL,
         header BLOB,
         body_hash TEXT,
         chunks TEXT NOT NULL,
         size INTEGER NOT NULL,
         smtputf8 INTEGER NOT NULL,
         eight_bit INTEGER NOT NULL,
         relay TEXT NOT NULL,
         relay_index INTEGER NOT NULL DEFAULT 0,
         priority INTEGER NOT NULL,
         running INTEGER NOT NULL DEFAULT 0,
         tries INTEGER NOT NULL DEFAULT 0,
         due_at INTEGER,
         PRIMARY KEY (message, copy)
       ) STRICT`,
      `CREATE INDEX copies_due ON copies (relay, priority, due_at)
         WHERE due_at IS NOT NULL AND running = 0`,
      'CREATE INDEX copies_time ON copies (due_at) WHERE due_at IS NOT NULL AND running = 0',
      'CREATE INDEX copies_running ON copies (running) WHERE running = 1',
      `CREATE TABLE recipients (
         message TEXT NOT NULL,
         position INTEGER NOT NULL,
         copy INTEGER NOT NULL,
         address TEXT NOT NULL,
         kind TEXT NOT NULL,
         state TEXT NOT NULL,
         code TEXT,
         rule INTEGER,
         reply TEXT,
         queue_id TEXT,
         relay TEXT,
         host TEXT,
         route TEXT,
         attempts INTEGER NOT NULL DEFAULT 0,
         next_attempt_at INTEGER,
         may_duplicate INTEGER NOT NULL DEFAULT 0,
         unreached INTEGER NOT NULL DEFAULT 0,
         updated_at INTEGER NOT NULL,
         PRIMARY KEY (message, position)
       ) STRICT, WITHOUT ROWID`,
      `CREATE INDEX recipients_unknown ON recipients (state) WHERE state = 'unknown'`,
      `CREATE TABLE attempts (
         message TEXT NOT NULL,
         attempt INTEGER NOT NULL,
         copy INTEGER NOT NULL,
         relay TEXT NOT NULL,
         started_at INTEGER NOT NULL,
         positions TEXT NOT NULL,
         dot_sent_at INTEGER,
         record TEXT,
         PRIMARY KEY (message, attempt)
       ) STRICT, WITHOUT ROWID`,
      'CREATE INDEX attempts_open ON attempts (started_at) WHERE record IS NULL',
      `CREATE TABLE events (
         message TEXT NOT NULL,
         seq INTEGER NOT NULL,
         id TEXT NOT NULL,
         type TEXT NOT NULL,
         timestamp INTEGER NOT NULL,
         data TEXT NOT NULL,
         PRIMARY KEY (message, seq)
       ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE claims (
         scope TEXT NOT NULL,
         key TEXT NOT NULL,
         hash TEXT NOT NULL,
         state TEXT NOT NULL,
         receipt TEXT,
         until INTEGER NOT NULL,
         PRIMARY KEY (scope, key)
       ) STRICT, WITHOUT ROWID`,
      'CREATE INDEX claims_until ON claims (until)',
      `CREATE TABLE chunks (
         name TEXT NOT NULL,
         position INTEGER NOT NULL,
         octets BLOB NOT NULL,
         staged_at INTEGER,
         PRIMARY KEY (name, position)
       ) STRICT`,
      'CREATE INDEX chunks_staged ON chunks (staged_at) WHERE staged_at IS NOT NULL',
      `CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`,
    ],
  },
  {
    version: 2,
    statements: ['ALTER TABLE copies ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0'],
  },
  {
    version: 3,
    statements: [
      'ALTER TABLE attempts ADD COLUMN refused TEXT',
      'ALTER TABLE copies ADD COLUMN unknowns INTEGER NOT NULL DEFAULT 0',
    ],
  },
  {
    version: 4,
    statements: ['ALTER TABLE messages ADD COLUMN require_tls INTEGER NOT NULL DEFAULT 0'],
  },
  {
    version: 5,
    statements: ['ALTER TABLE recipients ADD COLUMN protection TEXT'],
  },
  {
    version: 6,
    // NULL: the message's.
    statements: ['ALTER TABLE copies ADD COLUMN relays TEXT'],
  },
  {
    version: 7,
    // Whether the request named the relay; NULL: nobody noted it.
    statements: ['ALTER TABLE messages ADD COLUMN pinned INTEGER'],
  },
  {
    version: 8,
    // Copies wait for relays of their own; messages.unreachable_since is read no more. NULL: the message's expiry holds.
    statements: [
      'ALTER TABLE copies ADD COLUMN expires_at INTEGER',
      'ALTER TABLE copies ADD COLUMN unreachable_since INTEGER',
      `UPDATE copies SET unreachable_since =
         (SELECT m.unreachable_since FROM messages m WHERE m.id = copies.message)
       WHERE due_at IS NOT NULL`,
    ],
  },
]
