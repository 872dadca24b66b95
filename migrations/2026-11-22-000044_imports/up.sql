-- People brought by a file: the import, each of its rows as it was read and planned, and who is in which data set.
CREATE TABLE imports (
  tenant_id          uuid NOT NULL REFERENCES institutions,
  id                 uuid NOT NULL,
  mode               text NOT NULL CHECK (mode IN ('dry_run', 'apply')),
  status             text NOT NULL CHECK (status IN ('validating', 'planned', 'applying', 'completed', 'completed_with_errors', 'failed', 'cancelled', 'stale')),
  options            jsonb NOT NULL,
  data_set           text,
  fingerprint        text NOT NULL,
  file_name          text,
  file_bytes         bigint NOT NULL,
  sheet              jsonb,
  started_by         uuid,
  started_by_kind    text NOT NULL,
  grants             text[] NOT NULL,
  rows_total         integer,
  rows_read          integer NOT NULL DEFAULT 0,
  read_through       integer NOT NULL DEFAULT 0,
  rows_done          integer NOT NULL DEFAULT 0,
  applied_through    integer NOT NULL DEFAULT 0,
  planned            jsonb NOT NULL DEFAULT '{}',
  applied            jsonb NOT NULL DEFAULT '{}',
  obstacle           jsonb,
  seats_reserved     integer NOT NULL DEFAULT 0,
  lease_until        timestamptz,
  reading_at         timestamptz,
  planned_at         timestamptz,
  applying_at        timestamptz,
  finished_at        timestamptz,
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL
);
CREATE INDEX imports_by_status ON imports (tenant_id, status, id);
CREATE UNIQUE INDEX imports_one_running ON imports (tenant_id) WHERE lease_until IS NOT NULL;
CREATE UNIQUE INDEX imports_open_twins ON imports (tenant_id, fingerprint) WHERE status IN ('validating', 'planned', 'applying');
ALTER TABLE imports ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('imports', 'SELECT, INSERT, UPDATE', 'SELECT, UPDATE');
COMMENT ON TABLE imports IS 'Files of people, planned and applied';
COMMENT ON COLUMN imports.tenant_id IS 'The institution';
COMMENT ON COLUMN imports.id IS 'Shown as imp_…';
COMMENT ON COLUMN imports.mode IS 'Whether the plan is applied at once, or when somebody says so';
COMMENT ON COLUMN imports.status IS 'Where it is in its life';
COMMENT ON COLUMN imports.options IS 'What was asked for';
COMMENT ON COLUMN imports.data_set IS 'The file is the next edition of this set of people; none for a file of its own';
COMMENT ON COLUMN imports.fingerprint IS 'Hash of file and options: the same again, while this one is open, is this one';
COMMENT ON COLUMN imports.file_name IS 'As the sender calls it';
COMMENT ON COLUMN imports.file_bytes IS 'Size as it was stored';
COMMENT ON COLUMN imports.sheet IS 'What was found out about the file: encoding, separator, columns known and unknown';
COMMENT ON COLUMN imports.started_by IS 'The person or token that sent it';
COMMENT ON COLUMN imports.started_by_kind IS 'Kind of who sent it, in the words of the audit log';
COMMENT ON COLUMN imports.grants IS 'Roles that the sender could give and take when he sent it';
COMMENT ON COLUMN imports.rows_total IS 'Rows of the plan, those of missing people included; null while the file is read';
COMMENT ON COLUMN imports.rows_read IS 'Rows read so far';
COMMENT ON COLUMN imports.read_through IS 'Last line read: reading goes on after it';
COMMENT ON COLUMN imports.rows_done IS 'Rows of the plan done so far';
COMMENT ON COLUMN imports.applied_through IS 'Last line applied: applying goes on after it, and what the plan says of the lines up to it is done';
COMMENT ON COLUMN imports.planned IS 'Rows by what the plan does with them';
COMMENT ON COLUMN imports.applied IS 'Rows by what was done with them';
COMMENT ON COLUMN imports.obstacle IS 'What stands against applying the plan, or why the import failed: code and message';
COMMENT ON COLUMN imports.seats_reserved IS 'Seats still held for people to come';
COMMENT ON COLUMN imports.lease_until IS 'It has its institution''s turn until then, prolonged with every chunk; null when it has not';
COMMENT ON COLUMN imports.reading_at IS 'When reading began';
COMMENT ON COLUMN imports.planned_at IS 'When the plan was ready';
COMMENT ON COLUMN imports.applying_at IS 'When applying began';
COMMENT ON COLUMN imports.finished_at IS 'When it ended, in whatever way';
COMMENT ON COLUMN imports.created_at IS 'When the row was made';
COMMENT ON COLUMN imports.updated_at IS 'When the row last changed';

CREATE TABLE import_rows (
  tenant_id   uuid NOT NULL,
  import_id   uuid NOT NULL,
  line        integer NOT NULL,
  action      text NOT NULL CHECK (action IN ('create', 'update', 'unchanged', 'deactivate', 'invalid', 'skipped')),
  user_id     uuid,
  user_seen   timestamptz,
  external_id text,
  email       text,
  email_key   text,
  name        text,
  first_name  text,
  last_name   text,
  locale      text,
  time_zone   text,
  role        text,
  status      text,
  group_ids   uuid[],
  group_names jsonb,
  course_ids  uuid[],
  was         text,
  changed     text[],
  faults      jsonb,
  failed      text,
  PRIMARY KEY (tenant_id, import_id, line),
  FOREIGN KEY (tenant_id, import_id) REFERENCES imports ON DELETE CASCADE
);
CALL stoa_wall('import_rows', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, DELETE');
COMMENT ON TABLE import_rows IS 'Rows of imports and what the plan does with each; values are those that applying writes, so what stays as it is has none';
COMMENT ON COLUMN import_rows.tenant_id IS 'The institution';
COMMENT ON COLUMN import_rows.import_id IS 'The import';
COMMENT ON COLUMN import_rows.line IS 'Line of the file where the row begins, from 1; missing people have lines after its last';
COMMENT ON COLUMN import_rows.action IS 'What the plan does with it';
COMMENT ON COLUMN import_rows.user_id IS 'The person, also one to come; none where the row names nobody';
COMMENT ON COLUMN import_rows.user_seen IS 'When the person had last changed as the plan was made: changed since, the row is stale';
COMMENT ON COLUMN import_rows.external_id IS 'The institution''s own key, as it will be';
COMMENT ON COLUMN import_rows.email IS 'Address, as it will be';
COMMENT ON COLUMN import_rows.email_key IS 'Case-folded address of the file, by which twins are found';
COMMENT ON COLUMN import_rows.name IS 'Whole name, as it will be';
COMMENT ON COLUMN import_rows.first_name IS 'Given name, as it will be';
COMMENT ON COLUMN import_rows.last_name IS 'Family name, as it will be';
COMMENT ON COLUMN import_rows.locale IS 'Language tag, as it will be';
COMMENT ON COLUMN import_rows.time_zone IS 'IANA zone, as it will be';
COMMENT ON COLUMN import_rows.role IS 'Role, as it will be';
COMMENT ON COLUMN import_rows.status IS 'Membership, as it will be';
COMMENT ON COLUMN import_rows.group_ids IS 'Groups that the person joins';
COMMENT ON COLUMN import_rows.group_names IS 'Groups that are made first';
COMMENT ON COLUMN import_rows.course_ids IS 'Courses that the person is put on';
COMMENT ON COLUMN import_rows.was IS 'Membership of somebody who was known, before';
COMMENT ON COLUMN import_rows.changed IS 'Fields that are not as they were, of somebody who was known';
COMMENT ON COLUMN import_rows.faults IS 'What is wrong with it, or worth saying: column, code, message, masked value';
COMMENT ON COLUMN import_rows.failed IS 'Why it was not applied after all: a code';

CREATE TABLE data_set_members (
  tenant_id uuid NOT NULL REFERENCES institutions,
  data_set  text NOT NULL,
  user_id   uuid NOT NULL,
  gone      boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, data_set, user_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CALL stoa_wall('data_set_members', 'SELECT, INSERT, UPDATE', '');
COMMENT ON TABLE data_set_members IS 'People whom the editions of a data set have named';
COMMENT ON COLUMN data_set_members.tenant_id IS 'The institution';
COMMENT ON COLUMN data_set_members.data_set IS 'What the institution calls the set';
COMMENT ON COLUMN data_set_members.user_id IS 'The person';
COMMENT ON COLUMN data_set_members.gone IS 'Deactivated because the last edition did not name him; the next one that does brings him back';
