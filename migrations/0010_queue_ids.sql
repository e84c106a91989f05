-- A message has a name at the relay for each of its copies, and more where a copy went out in parts.

CREATE TABLE index_queue_ids (
  message TEXT NOT NULL,
  copy INTEGER NOT NULL,
  queue_id TEXT NOT NULL,
  PRIMARY KEY (message, copy, queue_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX index_queue_ids_by_queue_id ON index_queue_ids (queue_id, message);

INSERT INTO index_queue_ids (message, copy, queue_id)
  SELECT id, 0, queue_id FROM index_messages WHERE queue_id IS NOT NULL;

-- index_messages.queue_id stays for the code that runs until this deploy is over; nothing reads it any more.
