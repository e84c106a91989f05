-- Webhooks that become mail: who may call, which rules hold, and what was called lately.
CREATE TABLE triggers (
  id TEXT PRIMARY KEY,
  content TEXT NOT NULL,              -- JSON: source, from, recipients, rules, limits
  sealed_secrets TEXT,                -- JSON array, sealed; NULL where the source has none
  secret_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last 50 calls of each, of those that were verified.
CREATE TABLE trigger_calls (
  trigger_id TEXT NOT NULL,
  id TEXT NOT NULL,
  record TEXT NOT NULL,               -- JSON: what came, headers redacted, and what became of it
  body TEXT,                          -- NULL unless the trigger keeps bodies
  PRIMARY KEY (trigger_id, id)
) STRICT, WITHOUT ROWID;
