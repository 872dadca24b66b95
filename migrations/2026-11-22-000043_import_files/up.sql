-- Files of people as they were sent, in parts: nobody holds a whole one in memory, and no transaction lasts as long as
-- an upload does.
CREATE TABLE import_files (
  tenant_id    uuid NOT NULL REFERENCES institutions,
  id           uuid NOT NULL,
  charset      text,
  size_bytes   bigint NOT NULL DEFAULT 0,
  sha256       bytea CHECK (length(sha256) = 32),
  touched_at   timestamptz NOT NULL,
  stored_at    timestamptz,
  forgotten_at timestamptz,
  created_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX import_files_one_upload ON import_files (tenant_id) WHERE stored_at IS NULL;
CREATE INDEX import_files_by_age ON import_files (stored_at) WHERE forgotten_at IS NULL;
ALTER TABLE import_files ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('import_files', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, UPDATE, DELETE');
COMMENT ON TABLE import_files IS 'Files of people, as they were sent';
COMMENT ON COLUMN import_files.tenant_id IS 'The institution';
COMMENT ON COLUMN import_files.id IS 'The import that the file is for';
COMMENT ON COLUMN import_files.charset IS 'Encoding, as found out; none while the file arrives';
COMMENT ON COLUMN import_files.size_bytes IS 'Size so far, unpacked';
COMMENT ON COLUMN import_files.sha256 IS 'Hash of the unpacked bytes; none while the file arrives';
COMMENT ON COLUMN import_files.touched_at IS 'When the last part arrived: an upload that has stopped makes room for the next';
COMMENT ON COLUMN import_files.stored_at IS 'When all of it was there; none while it arrives';
COMMENT ON COLUMN import_files.forgotten_at IS 'When its parts were deleted, after the retention';
COMMENT ON COLUMN import_files.created_at IS 'When the upload began';

CREATE TABLE import_file_parts (
  tenant_id uuid NOT NULL,
  file_id   uuid NOT NULL,
  part      integer NOT NULL CHECK (part >= 0),
  bytes     bytea NOT NULL,
  PRIMARY KEY (tenant_id, file_id, part),
  FOREIGN KEY (tenant_id, file_id) REFERENCES import_files ON DELETE CASCADE
);
CALL stoa_wall('import_file_parts', 'SELECT, INSERT, DELETE', 'SELECT, DELETE');
COMMENT ON TABLE import_file_parts IS 'The bytes of files of people';
COMMENT ON COLUMN import_file_parts.tenant_id IS 'The institution';
COMMENT ON COLUMN import_file_parts.file_id IS 'The file';
COMMENT ON COLUMN import_file_parts.part IS 'Which part, from 0';
COMMENT ON COLUMN import_file_parts.bytes IS 'The bytes, unpacked, in the encoding that they came in';
