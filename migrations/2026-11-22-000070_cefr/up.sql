CREATE TABLE cefr_evidence (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL,
  user_id         uuid NOT NULL,
  language        text NOT NULL,
  skill           text NOT NULL CHECK (skill IN ('listening', 'reading', 'speaking', 'writing')),
  source          text NOT NULL CHECK (source IN ('placement', 'teacher', 'external_certificate')),
  level           text NOT NULL,
  scale           text,
  value           double precision,
  mapping_version integer,
  descriptors     jsonb,
  external_id     text,
  note            text,
  occurred_at     timestamptz NOT NULL,
  expires_at      timestamptz,
  recorded_by     uuid,
  created_at      timestamptz NOT NULL,
  withdrawn_at    timestamptz,
  withdrawn_why   text,
  CHECK ((scale IS NULL) = (value IS NULL) AND (scale IS NULL) = (mapping_version IS NULL)),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  UNIQUE (tenant_id, external_id)
);
CREATE INDEX cefr_evidence_of_learner ON cefr_evidence (tenant_id, user_id, language, occurred_at, id);
ALTER TABLE cefr_evidence ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('cefr_evidence', 'SELECT, INSERT, UPDATE', '');
CALL stoa_led_people('cefr_evidence', 'user_id');
COMMENT ON TABLE cefr_evidence IS 'What shows at which level of the CEFR a learner is in a skill; graded items are not copied here';
COMMENT ON COLUMN cefr_evidence.tenant_id IS 'The institution';
COMMENT ON COLUMN cefr_evidence.id IS 'Shown as evd_…';
COMMENT ON COLUMN cefr_evidence.user_id IS 'The learner';
COMMENT ON COLUMN cefr_evidence.language IS 'Language that is learned, the first part of its tag';
COMMENT ON COLUMN cefr_evidence.skill IS 'What was shown';
COMMENT ON COLUMN cefr_evidence.source IS 'What kind of evidence it is';
COMMENT ON COLUMN cefr_evidence.level IS 'Level that it shows, as it was given or as the mapping of that time says';
COMMENT ON COLUMN cefr_evidence.scale IS 'Scale of the value; none where the level was given';
COMMENT ON COLUMN cefr_evidence.value IS 'Score on the scale';
COMMENT ON COLUMN cefr_evidence.mapping_version IS 'Version of the table by which the value became a level';
COMMENT ON COLUMN cefr_evidence.descriptors IS 'Keys of can-do descriptors, each shown or not: {key: true}';
COMMENT ON COLUMN cefr_evidence.external_id IS 'The sender''s own key: evidence counts once';
COMMENT ON COLUMN cefr_evidence.note IS 'Words of whoever recorded it';
COMMENT ON COLUMN cefr_evidence.occurred_at IS 'When it was shown';
COMMENT ON COLUMN cefr_evidence.expires_at IS 'Until when it counts, as a certificate says';
COMMENT ON COLUMN cefr_evidence.recorded_by IS 'Who recorded it; none for an integration';
COMMENT ON COLUMN cefr_evidence.created_at IS 'When it was recorded';
COMMENT ON COLUMN cefr_evidence.withdrawn_at IS 'When it was taken back; it counts no more';
COMMENT ON COLUMN cefr_evidence.withdrawn_why IS 'Why it was taken back';

CREATE TABLE cefr_levels (
  tenant_id   uuid NOT NULL,
  user_id     uuid NOT NULL,
  language    text NOT NULL,
  skill       text NOT NULL,
  level       smallint NOT NULL CHECK (level BETWEEN 0 AND 9),
  updated_at  timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX cefr_levels_of_skill ON cefr_levels (tenant_id, language, skill, level);
ALTER TABLE cefr_levels ADD PRIMARY KEY (tenant_id, user_id, language, skill);
CALL stoa_wall('cefr_levels', 'SELECT, INSERT, UPDATE, DELETE', '');
COMMENT ON TABLE cefr_levels IS 'The level of each learner in each skill when evidence last changed, to compare learners by';
COMMENT ON COLUMN cefr_levels.tenant_id IS 'The institution';
COMMENT ON COLUMN cefr_levels.user_id IS 'The learner';
COMMENT ON COLUMN cefr_levels.language IS 'Language that is learned';
COMMENT ON COLUMN cefr_levels.skill IS 'The skill';
COMMENT ON COLUMN cefr_levels.level IS 'Place on the scale, 0 for Pre-A1 to 9 for C2';
COMMENT ON COLUMN cefr_levels.updated_at IS 'When it was last worked out';

CREATE TABLE cefr_targets (
  tenant_id  uuid NOT NULL,
  user_id    uuid NOT NULL,
  language   text NOT NULL,
  level      text NOT NULL,
  due_on     date,
  updated_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
ALTER TABLE cefr_targets ADD PRIMARY KEY (tenant_id, user_id, language);
CALL stoa_wall('cefr_targets', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led_people('cefr_targets', 'user_id');
COMMENT ON TABLE cefr_targets IS 'The level that a learner wants to reach in a language';
COMMENT ON COLUMN cefr_targets.tenant_id IS 'The institution';
COMMENT ON COLUMN cefr_targets.user_id IS 'The learner';
COMMENT ON COLUMN cefr_targets.language IS 'Language that is learned';
COMMENT ON COLUMN cefr_targets.level IS 'The level';
COMMENT ON COLUMN cefr_targets.due_on IS 'By when';
COMMENT ON COLUMN cefr_targets.updated_at IS 'When it was last set';
