-- Liquid templates, every version of each; the newest is the one that is used where none is named.
CREATE TABLE templates (
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  content TEXT NOT NULL,              -- JSON {subject, text, html, headers, sample}
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
