CREATE TABLE tokens (
  tenant_id    uuid NOT NULL REFERENCES institutions,
  id           uuid NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('session', 'integration')),
  user_id      uuid,
  created_by   uuid,
  name         text NOT NULL,
  hash         bytea NOT NULL,
  last4        text NOT NULL,
  abilities    text[] NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  last_used_at timestamptz,
  last_used_ip text,
  revoked_at   timestamptz,
  UNIQUE (tenant_id, hash),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  FOREIGN KEY (tenant_id, created_by) REFERENCES users
);
ALTER TABLE tokens ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('tokens', 'SELECT, INSERT, UPDATE', 'SELECT, INSERT');
COMMENT ON TABLE tokens IS 'Bearer tokens: sessions of people and tokens of integrations';
COMMENT ON COLUMN tokens.tenant_id IS 'The institution';
COMMENT ON COLUMN tokens.id IS 'Shown as tok_…; never the secret';
COMMENT ON COLUMN tokens.kind IS 'A session belongs to a person, an integration token to the institution';
COMMENT ON COLUMN tokens.user_id IS 'Whose session; none for an integration';
COMMENT ON COLUMN tokens.created_by IS 'Who made it; none when the server did';
COMMENT ON COLUMN tokens.name IS 'Given by its maker';
COMMENT ON COLUMN tokens.hash IS 'SHA-256 of the whole token; the token itself is kept nowhere';
COMMENT ON COLUMN tokens.last4 IS 'Last four characters, to tell tokens apart';
COMMENT ON COLUMN tokens.abilities IS 'Named abilities, never more than the maker''s';
COMMENT ON COLUMN tokens.created_at IS 'When the row was made';
COMMENT ON COLUMN tokens.expires_at IS 'When it stops working; none means never';
COMMENT ON COLUMN tokens.last_used_at IS 'Last use, kept to the minute';
COMMENT ON COLUMN tokens.last_used_ip IS 'Address of the last use';
COMMENT ON COLUMN tokens.revoked_at IS 'When it was revoked';

-- Failed sign-ins, counted for an account and for an address. Not of a tenant: whoever tries has not said whose he is.
CREATE TABLE sign_in_failures (
  key        bytea PRIMARY KEY,
  failures   integer NOT NULL,
  started_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failures TO stoa_relay;
COMMENT ON TABLE sign_in_failures IS 'Failed sign-ins in a window, by account and by address';
COMMENT ON COLUMN sign_in_failures.key IS 'SHA-256 of "account:" or "address:" and the value';
COMMENT ON COLUMN sign_in_failures.failures IS 'Failures since the window began';
COMMENT ON COLUMN sign_in_failures.started_at IS 'When the window began';
