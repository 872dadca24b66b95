-- A second factor for those who keep the platform, and for those who keep an institution.
ALTER TABLE institutions ADD require_second_factor boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN institutions.require_second_factor IS 'People whose role keeps the institution do nothing before they have a second factor';

CREATE TABLE staff_second_factors (
  staff_id     uuid PRIMARY KEY REFERENCES staff,
  secret       bytea NOT NULL,
  last_step    bigint NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL,
  confirmed_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_second_factors TO stoa_relay;
COMMENT ON TABLE staff_second_factors IS 'What the staff prove beside their token: one-time passwords of an authenticator';
COMMENT ON COLUMN staff_second_factors.staff_id IS 'The person';
COMMENT ON COLUMN staff_second_factors.secret IS 'What the authenticator knows, sealed';
COMMENT ON COLUMN staff_second_factors.last_step IS 'Span of time of the newest password that was taken: none is taken twice';
COMMENT ON COLUMN staff_second_factors.created_at IS 'When it was begun';
COMMENT ON COLUMN staff_second_factors.confirmed_at IS 'When the first password was right; until then none is asked for';

CREATE TABLE staff_recovery_codes (
  staff_id uuid NOT NULL REFERENCES staff_second_factors ON DELETE CASCADE,
  hash     bytea NOT NULL,
  used_at  timestamptz,
  PRIMARY KEY (staff_id, hash)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_recovery_codes TO stoa_relay;
COMMENT ON TABLE staff_recovery_codes IS 'What is taken once instead of a one-time password, when the authenticator is lost';
COMMENT ON COLUMN staff_recovery_codes.staff_id IS 'The person';
COMMENT ON COLUMN staff_recovery_codes.hash IS 'SHA-256 of the code: it has 80 random bits';
COMMENT ON COLUMN staff_recovery_codes.used_at IS 'When it was taken';

CREATE TABLE staff_sessions (
  id         uuid PRIMARY KEY,
  staff_id   uuid NOT NULL REFERENCES staff,
  hash       bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,
  address    text NOT NULL
);
CREATE INDEX staff_sessions_of_staff ON staff_sessions (staff_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_sessions TO stoa_relay;
COMMENT ON TABLE staff_sessions IS 'Hours in which somebody of the staff works, opened with the token and a second factor';
COMMENT ON COLUMN staff_sessions.id IS 'Shown as sts_…';
COMMENT ON COLUMN staff_sessions.staff_id IS 'The person';
COMMENT ON COLUMN staff_sessions.hash IS 'SHA-256 of the session''s token';
COMMENT ON COLUMN staff_sessions.created_at IS 'When it was opened';
COMMENT ON COLUMN staff_sessions.expires_at IS 'When it ends by itself';
COMMENT ON COLUMN staff_sessions.ended_at IS 'When it was ended';
COMMENT ON COLUMN staff_sessions.address IS 'Where it was opened from';

-- What the staff do to their own accounts, which no institution's log has a place for.
CREATE TABLE staff_log (
  id         uuid PRIMARY KEY,
  at         timestamptz NOT NULL,
  staff_id   uuid NOT NULL REFERENCES staff,
  action     text NOT NULL,
  request_id text,
  address    text
);
CREATE INDEX staff_log_of_staff ON staff_log (staff_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_log
  FOR EACH STATEMENT EXECUTE FUNCTION stoa_append_only();
GRANT SELECT, INSERT ON staff_log TO stoa_relay;
COMMENT ON TABLE staff_log IS 'What the staff did to their own accounts; rows are added and never changed';
COMMENT ON COLUMN staff_log.id IS 'Names the entry';
COMMENT ON COLUMN staff_log.at IS 'When it was done';
COMMENT ON COLUMN staff_log.staff_id IS 'Whose account it is';
COMMENT ON COLUMN staff_log.action IS 'What was done, object.verb in the past tense';
COMMENT ON COLUMN staff_log.request_id IS 'Request that did it; none from the command line';
COMMENT ON COLUMN staff_log.address IS 'Address that the request came from';
