-- What became of each report, period by period and recipient by recipient. The row is written before its letter is promised,
-- and there is one for each: so a letter is promised once, whatever crashes.
CREATE TABLE report_runs (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  report_id    uuid NOT NULL,
  recipient_id uuid NOT NULL,
  period_from  date NOT NULL,
  period_to    date NOT NULL,
  time_zone    text NOT NULL,
  as_of        timestamptz NOT NULL,
  status       text NOT NULL CHECK (status IN ('promised', 'sent', 'refused', 'suspended', 'failed', 'empty', 'skipped')),
  reason       text CHECK (reason IN ('left', 'role_lost', 'address_suspended', 'unsubscribed', 'paused')),
  file         bytea,
  file_hash    bytea,
  file_until   timestamptz,
  created_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  FOREIGN KEY (tenant_id, report_id) REFERENCES reports ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, recipient_id) REFERENCES report_recipients ON DELETE CASCADE,
  UNIQUE (tenant_id, recipient_id, period_from, period_to),
  UNIQUE (tenant_id, file_hash)
);
CREATE INDEX report_runs_of_report ON report_runs (tenant_id, report_id, id);
ALTER TABLE report_runs ADD PRIMARY KEY (tenant_id, id);
-- Files that are too old, and rows that are, are found across institutions.
CREATE INDEX report_runs_files ON report_runs (file_until) WHERE file_until IS NOT NULL;
CREATE INDEX report_runs_by_age ON report_runs (id);
CALL stoa_wall('report_runs', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, UPDATE, DELETE');
CALL stoa_led('report_runs', '(SELECT true FROM reports r WHERE r.tenant_id = report_runs.tenant_id AND r.id = report_runs.report_id)');
COMMENT ON TABLE report_runs IS 'One letter of a report to one recipient about one period, promised or not sent and why';
COMMENT ON COLUMN report_runs.tenant_id IS 'The institution';
COMMENT ON COLUMN report_runs.id IS 'Shown as rrn_…';
COMMENT ON COLUMN report_runs.report_id IS 'The report';
COMMENT ON COLUMN report_runs.recipient_id IS 'To whom';
COMMENT ON COLUMN report_runs.period_from IS 'First day of the period';
COMMENT ON COLUMN report_runs.period_to IS 'Its last day';
COMMENT ON COLUMN report_runs.time_zone IS 'The IANA zone in which these are days';
COMMENT ON COLUMN report_runs.as_of IS 'The moment whose numbers are told';
COMMENT ON COLUMN report_runs.status IS 'Promised; sent, refused, suspended or failed as its letter was; empty where nothing happened; skipped for a reason';
COMMENT ON COLUMN report_runs.reason IS 'Why it was skipped';
COMMENT ON COLUMN report_runs.file IS 'The numbers as CSV, while a link leads to them';
COMMENT ON COLUMN report_runs.file_hash IS 'SHA-256 of the token in that link';
COMMENT ON COLUMN report_runs.file_until IS 'Until when the link works and the file is kept';
COMMENT ON COLUMN report_runs.created_at IS 'When it was promised';
COMMENT ON COLUMN report_runs.finished_at IS 'When it was settled';
