-- Who keeps the platform. Not of an institution: whoever helps all of them belongs to none.
CREATE TABLE staff (
  id           uuid PRIMARY KEY,
  email        text NOT NULL,
  name         text NOT NULL,
  role         text NOT NULL CHECK (role IN ('support', 'operator')),
  hash         bytea NOT NULL UNIQUE,
  last4        text NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
CREATE UNIQUE INDEX staff_one_per_address ON staff (lower(email)) WHERE revoked_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON staff TO stoa_relay;
COMMENT ON TABLE staff IS 'People of the platform, each with one token, who act on behalf of institutions';
COMMENT ON COLUMN staff.id IS 'Shown as stf_…';
COMMENT ON COLUMN staff.email IS 'Tells people apart; never shown to an institution';
COMMENT ON COLUMN staff.name IS 'Shown to the institutions that the person acted for';
COMMENT ON COLUMN staff.role IS 'What the person may do';
COMMENT ON COLUMN staff.hash IS 'SHA-256 of the whole token; the token itself is kept nowhere';
COMMENT ON COLUMN staff.last4 IS 'Last four characters, to tell tokens apart';
COMMENT ON COLUMN staff.created_at IS 'When the row was made';
COMMENT ON COLUMN staff.expires_at IS 'When the token stops working; none means never';
COMMENT ON COLUMN staff.last_used_at IS 'Last use, kept to the minute';
COMMENT ON COLUMN staff.revoked_at IS 'When the token was revoked';

-- What was done, by whom. Nobody may change it afterwards: no role has the privilege, and of those who need none, the
-- owner and a superuser, the trigger keeps it.
CREATE TABLE audit_log (
  tenant_id   uuid NOT NULL REFERENCES institutions,
  id          uuid NOT NULL,
  at          timestamptz NOT NULL,
  actor_kind  text NOT NULL CHECK (actor_kind IN ('person', 'integration', 'staff', 'house')),
  actor_id    uuid,
  actor_name  text NOT NULL,
  action      text NOT NULL,
  object_kind text NOT NULL,
  object_id   text NOT NULL,
  before      jsonb,
  after       jsonb,
  request_id  text,
  address     text
);
CREATE INDEX audit_log_by_object ON audit_log (tenant_id, object_id, id);
CREATE INDEX audit_log_by_actor ON audit_log (tenant_id, actor_id, id);
ALTER TABLE audit_log ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('audit_log', 'SELECT, INSERT', '');
CREATE FUNCTION stoa_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the table % takes rows and gives none back', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION stoa_append_only();
COMMENT ON TABLE audit_log IS 'What was done in an institution, by whom; rows are added and never changed';
COMMENT ON COLUMN audit_log.tenant_id IS 'The institution';
COMMENT ON COLUMN audit_log.id IS 'Shown as aud_…';
COMMENT ON COLUMN audit_log.at IS 'When it was done';
COMMENT ON COLUMN audit_log.actor_kind IS 'A person, an integration, somebody of the platform''s staff, or the server itself';
COMMENT ON COLUMN audit_log.actor_id IS 'Which one: a user, a token or a member of the staff; none for the server';
COMMENT ON COLUMN audit_log.actor_name IS 'What the actor was called then';
COMMENT ON COLUMN audit_log.action IS 'What was done, object.verb in the past tense';
COMMENT ON COLUMN audit_log.object_kind IS 'To what kind of thing';
COMMENT ON COLUMN audit_log.object_id IS 'To which one, its id as it is shown';
COMMENT ON COLUMN audit_log.before IS 'What mattered of it before, secrets and personal data masked; none where it was made';
COMMENT ON COLUMN audit_log.after IS 'What matters of it since, masked likewise; none where it was removed';
COMMENT ON COLUMN audit_log.request_id IS 'Request that did it';
COMMENT ON COLUMN audit_log.address IS 'Address that the request came from';
