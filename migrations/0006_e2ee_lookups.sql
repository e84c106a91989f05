-- What lookups of recipients' keys came to, by the place that was asked.
CREATE TABLE e2ee_lookups (
  source TEXT NOT NULL,
  address TEXT NOT NULL,
  found TEXT,                         -- JSON array of base64; empty: there was none; null: no contact yet
  contact_at INTEGER,
  looked_up_at INTEGER NOT NULL,
  problem TEXT,                       -- why the last lookup came to nothing; null: it was a contact
  PRIMARY KEY (source, address)
) STRICT;

CREATE INDEX e2ee_lookups_age ON e2ee_lookups (looked_up_at);
