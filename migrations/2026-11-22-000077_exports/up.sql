-- Files made of the record on demand. The row says what was asked for, by whom and with which rights, how far it is and
-- where the file lies; the file itself stands on a disk or in a store of objects.
CREATE TABLE exports (
  tenant_id     uuid NOT NULL REFERENCES institutions,
  id            uuid NOT NULL,
  type          text NOT NULL CHECK (type IN ('learner_progress', 'completions', 'activity', 'members', 'deliveries', 'audit', 'cefr')),
  status        text NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'expired', 'cancelled')),
  wanted        jsonb NOT NULL,
  fingerprint   text NOT NULL,
  made_by       uuid,
  made_by_kind  text NOT NULL CHECK (made_by_kind IN ('person', 'integration', 'staff', 'house')),
  abilities     text[] NOT NULL,
  led_by        uuid,
  course_ids    uuid[],
  run_id        uuid,
  file_key      text,
  horizon       bigint,
  as_of         timestamptz,
  rows_done     bigint NOT NULL DEFAULT 0,
  rows_total    bigint,
  size_bytes    bigint,
  sha256        text,
  error_code    text,
  error         text,
  downloads     integer NOT NULL DEFAULT 0,
  started_at    timestamptz,
  finished_at   timestamptz,
  expires_at    timestamptz,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  CHECK (status <> 'completed' OR (file_key IS NOT NULL AND sha256 IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE UNIQUE INDEX exports_open_twins ON exports (tenant_id, fingerprint) WHERE status IN ('queued', 'running');
CREATE INDEX exports_by_status ON exports (tenant_id, status, id);
ALTER TABLE exports ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('exports', 'SELECT, INSERT, UPDATE', 'SELECT, DELETE');
-- A file shows the people of whoever it was made for. Somebody who leads groups sees the exports that were made for him,
-- and whoever is limited to courses those that were limited to no others.
CALL stoa_led('exports', 'led_by = (SELECT nullif(current_setting(''stoa.led_by'', true), '''')::uuid)');
CALL stoa_course_wall('exports', 'course_ids <@ (SELECT nullif(current_setting(''stoa.courses'', true), '''')::uuid[])');
COMMENT ON TABLE exports IS 'Files made of the record on demand';
COMMENT ON COLUMN exports.tenant_id IS 'The institution';
COMMENT ON COLUMN exports.id IS 'Shown as exp_…';
COMMENT ON COLUMN exports.type IS 'What its rows are';
COMMENT ON COLUMN exports.status IS 'Where it is in its life';
COMMENT ON COLUMN exports.wanted IS 'What was asked for: columns, filters, format, zone, language, separator, since when';
COMMENT ON COLUMN exports.fingerprint IS 'Hash of what was asked for and by whom: the same again, while this one is open, is this one';
COMMENT ON COLUMN exports.made_by IS 'The person or token that asked; none for the house';
COMMENT ON COLUMN exports.made_by_kind IS 'Kind of who asked, in the words of the audit log';
COMMENT ON COLUMN exports.abilities IS 'What whoever asked could do then; it is made with no more than what remains of it';
COMMENT ON COLUMN exports.led_by IS 'The manager whose groups'' people alone are in it; none where it shows all';
COMMENT ON COLUMN exports.course_ids IS 'The only courses that are in it; none where it shows all';
COMMENT ON COLUMN exports.run_id IS 'The run that writes it, or wrote it last: a run that finds another here has lost its turn';
COMMENT ON COLUMN exports.file_key IS 'Where its file lies, or what is left of one; none when nothing is';
COMMENT ON COLUMN exports.horizon IS 'Place in the order of commits up to which it is whole: the next one goes on there';
COMMENT ON COLUMN exports.as_of IS 'The moment that it shows';
COMMENT ON COLUMN exports.rows_done IS 'Rows written so far; all of them once it is completed';
COMMENT ON COLUMN exports.rows_total IS 'Rows that were counted; null where counting took too long';
COMMENT ON COLUMN exports.size_bytes IS 'Length of the file';
COMMENT ON COLUMN exports.sha256 IS 'SHA-256 of the file, in hexadecimal';
COMMENT ON COLUMN exports.error_code IS 'Why it failed, a code';
COMMENT ON COLUMN exports.error IS 'Why it failed, in words';
COMMENT ON COLUMN exports.downloads IS 'How often the download began';
COMMENT ON COLUMN exports.started_at IS 'When its last run began';
COMMENT ON COLUMN exports.finished_at IS 'When it ended, in whatever way';
COMMENT ON COLUMN exports.expires_at IS 'When its file is deleted';
COMMENT ON COLUMN exports.created_at IS 'When it was asked for';
COMMENT ON COLUMN exports.updated_at IS 'When the row last changed';
