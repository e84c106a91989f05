-- Keys of recipients, and senders who sign and decrypt. Times are milliseconds since the epoch.

CREATE TABLE e2ee_keys (
  ref TEXT PRIMARY KEY,
  protocol TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  addresses TEXT NOT NULL,            -- JSON array: what the key says
  lookup TEXT NOT NULL,               -- JSON array: addresses and bound_to in the form they are found by
  bound_to TEXT,
  material BLOB NOT NULL CHECK (length(material) <= 65536),
  source TEXT NOT NULL,
  trust TEXT NOT NULL,
  capabilities TEXT NOT NULL,         -- JSON array
  not_before INTEGER,
  not_after INTEGER,
  first_seen INTEGER NOT NULL,
  refreshed_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

-- One key may be bound to several addresses, each a row of its own.
CREATE UNIQUE INDEX e2ee_keys_once ON e2ee_keys (protocol, fingerprint, ifnull(bound_to, ''));
CREATE INDEX e2ee_keys_by_age ON e2ee_keys (first_seen, ref);

-- Always what lookup says, and written with it.
CREATE TABLE e2ee_key_addresses (
  address TEXT NOT NULL,
  ref TEXT NOT NULL,
  PRIMARY KEY (address, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX e2ee_key_addresses_by_ref ON e2ee_key_addresses (ref);

CREATE TABLE e2ee_identities (
  id TEXT PRIMARY KEY,
  protocol TEXT NOT NULL,
  addresses TEXT NOT NULL,            -- JSON array
  lookup TEXT NOT NULL,               -- JSON array
  fingerprint TEXT NOT NULL,
  certificate BLOB NOT NULL,
  chain TEXT NOT NULL,                -- JSON array of base64
  self TEXT NOT NULL,                 -- JSON array of base64
  signer TEXT NOT NULL,               -- JSON: kind and, of a service, url, key, algorithms
  sealed_secret TEXT NOT NULL,        -- the private key, or the bearer token of the service
  not_before INTEGER,
  not_after INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE e2ee_identity_addresses (
  address TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (address, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX e2ee_identity_addresses_by_id ON e2ee_identity_addresses (id);

-- Which expiry was told of, so that the log has one line for each key and threshold.
CREATE TABLE e2ee_expiry_notices (
  what TEXT NOT NULL,                 -- key or identity
  id TEXT NOT NULL,
  not_after INTEGER NOT NULL,
  days INTEGER NOT NULL,
  PRIMARY KEY (what, id, not_after, days)
) STRICT, WITHOUT ROWID;
