-- Rows of an owner that is no superuser stand behind the wall too, and its policies want to be told whose.
SET LOCAL stoa.tenants = '{}';

CREATE TABLE applications (
  tenant_id      uuid NOT NULL REFERENCES institutions,
  id             uuid NOT NULL,
  name           text NOT NULL,
  scopes         text[] NOT NULL,
  secret_hash    bytea NOT NULL,
  secret_last4   text NOT NULL,
  secret_made_at timestamptz NOT NULL,
  previous_hash  bytea,
  previous_until timestamptz,
  created_by     uuid,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  last_used_at   timestamptz,
  last_used_ip   text,
  deleted_at     timestamptz,
  FOREIGN KEY (tenant_id, created_by) REFERENCES users
);
CREATE INDEX applications_by_age ON applications (tenant_id, created_at, id);
ALTER TABLE applications ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('applications', 'SELECT, INSERT, UPDATE', '');
COMMENT ON TABLE applications IS 'Programs that take tokens with an id and a secret of their own, as OAuth has it';
COMMENT ON COLUMN applications.tenant_id IS 'The institution';
COMMENT ON COLUMN applications.id IS 'Shown as app_…; the client id is made of it and of the institution''s';
COMMENT ON COLUMN applications.name IS 'Given by its maker';
COMMENT ON COLUMN applications.scopes IS 'Abilities of its tokens, never more than the maker''s';
COMMENT ON COLUMN applications.secret_hash IS 'SHA-256 of the client secret; the secret itself is kept nowhere';
COMMENT ON COLUMN applications.secret_last4 IS 'Last four characters of the secret, to tell secrets apart';
COMMENT ON COLUMN applications.secret_made_at IS 'When the secret was made';
COMMENT ON COLUMN applications.previous_hash IS 'SHA-256 of the secret before, while it still works';
COMMENT ON COLUMN applications.previous_until IS 'When the secret before stops working';
COMMENT ON COLUMN applications.created_by IS 'Who made it; none when a token or the server did';
COMMENT ON COLUMN applications.created_at IS 'When the row was made';
COMMENT ON COLUMN applications.updated_at IS 'When the row last changed, but for its use';
COMMENT ON COLUMN applications.last_used_at IS 'When it last took a token';
COMMENT ON COLUMN applications.last_used_ip IS 'Address from which it did';
COMMENT ON COLUMN applications.deleted_at IS 'Tombstone: takes no tokens, and those that it had are revoked';

ALTER TABLE tokens ADD COLUMN application_id uuid,
  ADD FOREIGN KEY (tenant_id, application_id) REFERENCES applications,
  DROP CONSTRAINT tokens_kind_check,
  ADD CONSTRAINT tokens_kind_check CHECK (kind IN ('session', 'integration', 'application'));
CREATE INDEX tokens_of_application ON tokens (tenant_id, application_id) WHERE application_id IS NOT NULL;
COMMENT ON COLUMN tokens.application_id IS 'Which application took it; none for the other kinds';
-- Tokens of applications live for hours; housekeeping forgets them when they have ended.
GRANT DELETE ON tokens TO stoa_relay;
