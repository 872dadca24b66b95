CREATE TABLE second_factors (
  tenant_id    uuid NOT NULL,
  user_id      uuid NOT NULL,
  secret       bytea NOT NULL,
  last_step    bigint NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL,
  confirmed_at timestamptz,
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CALL stoa_wall('second_factors', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, UPDATE');
COMMENT ON TABLE second_factors IS 'What people prove beside their password: one-time passwords of an authenticator';
COMMENT ON COLUMN second_factors.tenant_id IS 'The institution';
COMMENT ON COLUMN second_factors.user_id IS 'The person';
COMMENT ON COLUMN second_factors.secret IS 'What the authenticator knows, sealed';
COMMENT ON COLUMN second_factors.last_step IS 'Span of time of the newest password that was taken: none is taken twice';
COMMENT ON COLUMN second_factors.created_at IS 'When it was begun';
COMMENT ON COLUMN second_factors.confirmed_at IS 'When the first password was right; until then none is asked for';

CREATE TABLE recovery_codes (
  tenant_id uuid NOT NULL,
  user_id   uuid NOT NULL,
  hash      bytea NOT NULL,
  used_at   timestamptz,
  PRIMARY KEY (tenant_id, user_id, hash),
  FOREIGN KEY (tenant_id, user_id) REFERENCES second_factors (tenant_id, user_id) ON DELETE CASCADE
);
CALL stoa_wall('recovery_codes', 'SELECT, INSERT, UPDATE, DELETE', '');
COMMENT ON TABLE recovery_codes IS 'What is taken once instead of a one-time password, when the authenticator is lost';
COMMENT ON COLUMN recovery_codes.tenant_id IS 'The institution';
COMMENT ON COLUMN recovery_codes.user_id IS 'The person';
COMMENT ON COLUMN recovery_codes.hash IS 'SHA-256 of the code: it has 80 random bits';
COMMENT ON COLUMN recovery_codes.used_at IS 'When it was taken';
