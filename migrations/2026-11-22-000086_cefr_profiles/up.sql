-- The profile of a learner in a language: an object of its own, of which events tell.
CREATE TABLE cefr_profiles (
  tenant_id  uuid NOT NULL,
  user_id    uuid NOT NULL,
  language   text NOT NULL,
  id         uuid NOT NULL,
  level      smallint CHECK (level BETWEEN 0 AND 9),
  revision   integer NOT NULL,
  updated_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
ALTER TABLE cefr_profiles ADD PRIMARY KEY (tenant_id, user_id, language);
CALL stoa_wall('cefr_profiles', 'SELECT, INSERT, UPDATE', '');
CALL stoa_led_people('cefr_profiles', 'user_id');
COMMENT ON TABLE cefr_profiles IS 'What the four skills of a learner come to in a language, when their levels were last worked out';
COMMENT ON COLUMN cefr_profiles.tenant_id IS 'The institution';
COMMENT ON COLUMN cefr_profiles.user_id IS 'The learner';
COMMENT ON COLUMN cefr_profiles.language IS 'Language that is learned';
COMMENT ON COLUMN cefr_profiles.id IS 'Shown as cfp_…';
COMMENT ON COLUMN cefr_profiles.level IS 'Place of the profile on the scale; none while too few skills have a level';
COMMENT ON COLUMN cefr_profiles.revision IS 'Counts what was told of it, from 1';
COMMENT ON COLUMN cefr_profiles.updated_at IS 'When it was last worked out';

-- A report that was given to somebody on paper: frozen, and to be verified by anybody who holds it.
CREATE TABLE cefr_documents (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  user_id     uuid NOT NULL,
  language    text NOT NULL,
  locale      text NOT NULL,
  code        text NOT NULL UNIQUE,
  facts       jsonb NOT NULL,
  issued_by   uuid,
  issued_at   timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  revoked_at  timestamptz,
  revoked_why text,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX cefr_documents_of_learner ON cefr_documents (tenant_id, user_id, issued_at, id);
ALTER TABLE cefr_documents ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('cefr_documents', 'SELECT, INSERT, UPDATE', 'SELECT');
CALL stoa_led_people('cefr_documents', 'user_id');
COMMENT ON TABLE cefr_documents IS 'Reports of levels that were issued as documents, with the code by which they are verified';
COMMENT ON COLUMN cefr_documents.tenant_id IS 'The institution';
COMMENT ON COLUMN cefr_documents.id IS 'Shown as cfd_…';
COMMENT ON COLUMN cefr_documents.user_id IS 'The learner';
COMMENT ON COLUMN cefr_documents.language IS 'Language that is learned';
COMMENT ON COLUMN cefr_documents.locale IS 'Language that the document is written in';
COMMENT ON COLUMN cefr_documents.code IS 'By which anybody who holds the document verifies it; opens nothing that does not stand in this row';
COMMENT ON COLUMN cefr_documents.facts IS 'What the document says: the name as it was, the levels, as of when';
COMMENT ON COLUMN cefr_documents.issued_by IS 'Who issued it; none for an integration';
COMMENT ON COLUMN cefr_documents.issued_at IS 'When it was issued';
COMMENT ON COLUMN cefr_documents.expires_at IS 'Until when it is said to be valid';
COMMENT ON COLUMN cefr_documents.revoked_at IS 'When it was taken back';
COMMENT ON COLUMN cefr_documents.revoked_why IS 'Why it was taken back';
