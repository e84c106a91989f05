-- What expires soon is looked for every minute.
CREATE INDEX e2ee_keys_by_end ON e2ee_keys (not_after);
CREATE INDEX e2ee_identities_by_end ON e2ee_identities (not_after);
