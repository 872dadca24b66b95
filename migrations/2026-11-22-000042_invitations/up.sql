-- What is sent to an address so that its holder proves to have it: invitations, and ways back for whoever lost the
-- password. The secret is kept sealed until its letter has left, and as a hash from then on.
CREATE TABLE invitations (
  tenant_id     uuid NOT NULL,
  id            uuid NOT NULL,
  user_id       uuid NOT NULL,
  hash          bytea NOT NULL,
  secret        bytea,
  invited_by    uuid,
  created_at    timestamptz NOT NULL,
  sends         integer NOT NULL DEFAULT 1 CHECK (sends > 0),
  day_began_at  timestamptz NOT NULL,
  sends_of_day  integer NOT NULL DEFAULT 1,
  sent_at       timestamptz,
  expires_at    timestamptz NOT NULL,
  accepted_at   timestamptz,
  accepted_by   text CHECK (accepted_by IN ('password', 'sso')),
  revoked_at    timestamptz,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
  CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitations_by_hash ON invitations (tenant_id, hash);
CREATE UNIQUE INDEX invitations_one_open ON invitations (tenant_id, user_id) WHERE accepted_at IS NULL AND revoked_at IS NULL;
ALTER TABLE invitations ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('invitations', 'SELECT, INSERT, UPDATE', 'SELECT, UPDATE');
COMMENT ON TABLE invitations IS 'People who were asked to join, and what became of it';
COMMENT ON COLUMN invitations.tenant_id IS 'The institution';
COMMENT ON COLUMN invitations.id IS 'Shown as inv_…';
COMMENT ON COLUMN invitations.user_id IS 'Who was asked';
COMMENT ON COLUMN invitations.hash IS 'SHA-256 of the newest token; older ones are dead';
COMMENT ON COLUMN invitations.secret IS 'The token, sealed, until its letter has left';
COMMENT ON COLUMN invitations.invited_by IS 'Who asked last: a person; none where an integration, the staff or the server did';
COMMENT ON COLUMN invitations.created_at IS 'When the person was first asked by it';
COMMENT ON COLUMN invitations.sends IS 'Letters that were promised, the first one included';
COMMENT ON COLUMN invitations.day_began_at IS 'Begin of the day in which letters are counted';
COMMENT ON COLUMN invitations.sends_of_day IS 'Letters promised in that day';
COMMENT ON COLUMN invitations.sent_at IS 'When the newest letter left; none while it has not';
COMMENT ON COLUMN invitations.expires_at IS 'When the newest token stops working';
COMMENT ON COLUMN invitations.accepted_at IS 'When the person joined by it';
COMMENT ON COLUMN invitations.accepted_by IS 'How the person proved who it is: with a password of its own, or by single sign-on';
COMMENT ON COLUMN invitations.revoked_at IS 'When it was taken back';

CREATE TABLE password_resets (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  user_id    uuid NOT NULL,
  letter_id  uuid NOT NULL,
  hash       bytea NOT NULL,
  secret     bytea,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE UNIQUE INDEX password_resets_by_hash ON password_resets (tenant_id, hash);
CREATE INDEX password_resets_of_user ON password_resets (tenant_id, user_id);
CREATE INDEX password_resets_of_letter ON password_resets (letter_id);
CREATE INDEX password_resets_by_age ON password_resets (created_at);
ALTER TABLE password_resets ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('password_resets', 'SELECT, UPDATE', 'SELECT, INSERT, UPDATE, DELETE');
COMMENT ON TABLE password_resets IS 'Ways back for people who lost their password, each good once';
COMMENT ON COLUMN password_resets.tenant_id IS 'The institution';
COMMENT ON COLUMN password_resets.id IS 'Shown as pwr_…';
COMMENT ON COLUMN password_resets.user_id IS 'Whose password it is';
COMMENT ON COLUMN password_resets.letter_id IS 'The letter that brings it; the same for all institutions that know the address';
COMMENT ON COLUMN password_resets.hash IS 'SHA-256 of the token';
COMMENT ON COLUMN password_resets.secret IS 'The token, sealed, until its letter has left';
COMMENT ON COLUMN password_resets.created_at IS 'When it was made';
COMMENT ON COLUMN password_resets.expires_at IS 'When it stops working';
COMMENT ON COLUMN password_resets.used_at IS 'When it was used, or another took its place';
