-- Control plane: who may send, through what, signed with which key. Times are milliseconds since the epoch
-- unless the column's name is that of an API field kept as it is answered.

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,               -- JSON array
  secrets TEXT NOT NULL,              -- JSON array of {hash, expires_at}; SHA-256 only
  senders TEXT,                       -- JSON array of patterns; null: unbound
  recipients TEXT,
  relays TEXT,
  max_per_minute INTEGER,
  expires_at INTEGER,
  sandbox INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  created_by TEXT,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE relays (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  routes TEXT NOT NULL,               -- JSON array of {port, tls}
  ehlo_name TEXT,
  senders TEXT NOT NULL,              -- JSON array of patterns
  priority INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  max_sessions INTEGER NOT NULL,
  max_per_second INTEGER,
  max_per_day INTEGER,
  flight_depth INTEGER NOT NULL,
  auth_user TEXT,
  sealed_credential TEXT,
  version INTEGER NOT NULL,
  credential_version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dkim_keys (
  domain TEXT NOT NULL,
  selector TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  sealed_key TEXT NOT NULL,
  public_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (domain, selector)
) STRICT, WITHOUT ROWID;

-- One row: how many outboxes there are, were before, and ever were at most.
CREATE TABLE shard_map (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  count INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  highest INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

-- One row: when cron last went over every shard.
CREATE TABLE sweeps (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  swept_at INTEGER NOT NULL
) STRICT;

-- First answers of keyed requests that create keys, relays and DKIM keys; without secrets, kept 24 h.
CREATE TABLE answers (
  scope TEXT NOT NULL,                -- caller and route
  key TEXT NOT NULL,
  hash TEXT NOT NULL,                 -- of the request, sealed: it may hold a password
  status INTEGER,                     -- null while the first request runs
  answer TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX answers_by_age ON answers (created_at);
