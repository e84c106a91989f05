-- Who signs and encrypts what: one document, replaced as a whole.
CREATE TABLE e2ee_policy (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  rules TEXT NOT NULL                 -- JSON array of rules, in their order
) STRICT;
