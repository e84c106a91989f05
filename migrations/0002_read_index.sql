-- Read side: lists and search over messages, fed by the outboxes, eventually consistent. Never content.

CREATE TABLE index_messages (
  id TEXT PRIMARY KEY,                -- sorts by time
  key_id TEXT NOT NULL,
  seq INTEGER NOT NULL,               -- events seen: an older row never overwrites a newer one
  status TEXT NOT NULL,
  sender TEXT NOT NULL,
  from_address TEXT NOT NULL COLLATE NOCASE,
  message_id TEXT NOT NULL,
  queue_id TEXT,
  relay TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX index_messages_by_key ON index_messages (key_id, id);
CREATE INDEX index_messages_by_status ON index_messages (status, id);
CREATE INDEX index_messages_by_from ON index_messages (from_address, id);
CREATE INDEX index_messages_by_message_id ON index_messages (message_id);
CREATE INDEX index_messages_by_queue_id ON index_messages (queue_id) WHERE queue_id IS NOT NULL;

CREATE TABLE index_recipients (
  message TEXT NOT NULL,
  position INTEGER NOT NULL,
  address TEXT NOT NULL COLLATE NOCASE,
  state TEXT NOT NULL,
  PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX index_recipients_by_address ON index_recipients (address, message);
CREATE INDEX index_recipients_by_state ON index_recipients (state, message);

CREATE TABLE index_tags (
  message TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (message, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX index_tags_by_value ON index_tags (name, value, message);
