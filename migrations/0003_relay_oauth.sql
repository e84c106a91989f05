-- How a relay's access tokens are had; its secrets stand sealed in sealed_credential.
ALTER TABLE relays ADD COLUMN oauth TEXT; -- JSON {token_url, client_id, scope, grant}
