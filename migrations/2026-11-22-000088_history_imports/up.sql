-- Files of what learners did before they came. Each row counts as activity, once for ever.
CREATE TABLE history_imports (
  tenant_id   uuid NOT NULL REFERENCES institutions,
  id          uuid NOT NULL,
  file_name   text,
  file_bytes  bigint NOT NULL,
  fingerprint text NOT NULL,
  time_zone   text NOT NULL,
  status      text NOT NULL CHECK (status IN ('running', 'completed', 'completed_with_errors', 'failed', 'cancelled')),
  rows_done   bigint NOT NULL DEFAULT 0,
  accepted    bigint NOT NULL DEFAULT 0,
  duplicates  bigint NOT NULL DEFAULT 0,
  rejected    bigint NOT NULL DEFAULT 0,
  faults      jsonb NOT NULL DEFAULT '[]',
  reason      text,
  sent_by     uuid,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE UNIQUE INDEX history_imports_running ON history_imports (tenant_id, fingerprint) WHERE status = 'running';
ALTER TABLE history_imports ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('history_imports', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE history_imports IS 'Files of what learners did, and how far each is read; the bytes are in import_files under the same id';
COMMENT ON COLUMN history_imports.tenant_id IS 'The institution';
COMMENT ON COLUMN history_imports.id IS 'Shown as imp_…';
COMMENT ON COLUMN history_imports.file_name IS 'As the sender calls the file';
COMMENT ON COLUMN history_imports.file_bytes IS 'Size, unpacked';
COMMENT ON COLUMN history_imports.fingerprint IS 'Hash of the bytes and of what was asked: a twin of a file that is being read is the same import';
COMMENT ON COLUMN history_imports.time_zone IS 'IANA zone of times that stand in the file without an offset';
COMMENT ON COLUMN history_imports.status IS 'Where it is in its life';
COMMENT ON COLUMN history_imports.rows_done IS 'Rows that were read, the first so many of the file';
COMMENT ON COLUMN history_imports.accepted IS 'Rows that count now';
COMMENT ON COLUMN history_imports.duplicates IS 'Rows that counted before';
COMMENT ON COLUMN history_imports.rejected IS 'Rows that do not count';
COMMENT ON COLUMN history_imports.faults IS 'The first thousand of them: line, column, code, message';
COMMENT ON COLUMN history_imports.reason IS 'Why the file could not be read to its end';
COMMENT ON COLUMN history_imports.sent_by IS 'Who sent it; none for an integration';
COMMENT ON COLUMN history_imports.created_at IS 'When the file had arrived';
COMMENT ON COLUMN history_imports.updated_at IS 'When it last went on';
COMMENT ON COLUMN history_imports.finished_at IS 'When it ended';
