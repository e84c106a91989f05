-- Whether what a relay puts off may go to the next one.
ALTER TABLE relays ADD COLUMN spill_over INTEGER NOT NULL DEFAULT 0;
