-- What an institution is asked to erase, and whom it may not.
ALTER TABLE users ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN users.erased_at IS 'When all that told who this is was erased; the row remains as a former learner';

CREATE TABLE erasures (
  tenant_id      uuid NOT NULL,
  id             uuid NOT NULL,
  user_id        uuid NOT NULL,
  status         text NOT NULL CHECK (status IN ('requested', 'scheduled', 'running', 'completed', 'cancelled')),
  reason         text NOT NULL,
  revision       integer NOT NULL DEFAULT 1,
  requested_by   uuid,
  requested_at   timestamptz NOT NULL,
  due_at         timestamptz NOT NULL,
  confirmed_by   uuid,
  confirmed_at   timestamptz,
  erase_after    timestamptz,
  status_before  text CHECK (status_before IN ('invited', 'active', 'deactivated', 'removed')),
  started_at     timestamptz,
  known_as       text[] NOT NULL DEFAULT '{}',
  cursors        jsonb NOT NULL DEFAULT '{}',
  counts         jsonb NOT NULL DEFAULT '{}',
  completed_at   timestamptz,
  receipt        jsonb,
  receipt_sha256 text,
  cancelled_by   uuid,
  cancelled_at   timestamptz,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  CHECK ((erase_after IS NULL) = (confirmed_at IS NULL)),
  CHECK (status NOT IN ('scheduled', 'running', 'completed') OR confirmed_at IS NOT NULL),
  CHECK ((status = 'completed') = (receipt IS NOT NULL) AND (receipt IS NULL) = (receipt_sha256 IS NULL))
);
CREATE UNIQUE INDEX erasures_one_open ON erasures (tenant_id, user_id) WHERE status IN ('requested', 'scheduled', 'running');
CREATE INDEX erasures_of_user ON erasures (tenant_id, user_id, id);
-- Those whose time has come are found across institutions.
CREATE INDEX erasures_due ON erasures (erase_after) WHERE status IN ('scheduled', 'running');
CREATE INDEX erasures_open ON erasures (due_at) WHERE status IN ('requested', 'scheduled', 'running');
ALTER TABLE erasures ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('erasures', 'SELECT, INSERT, UPDATE', 'SELECT, UPDATE');
CALL stoa_led_people('erasures', 'user_id');
COMMENT ON TABLE erasures IS 'Requests to erase people, how far they are, and the receipts';
COMMENT ON COLUMN erasures.tenant_id IS 'The institution';
COMMENT ON COLUMN erasures.id IS 'Shown as ers_…';
COMMENT ON COLUMN erasures.user_id IS 'Who is erased';
COMMENT ON COLUMN erasures.status IS 'Requested by the person; scheduled once somebody of the institution said so; running; completed; cancelled';
COMMENT ON COLUMN erasures.reason IS 'Why, by whoever asked';
COMMENT ON COLUMN erasures.revision IS 'Counts the changes that events told';
COMMENT ON COLUMN erasures.requested_by IS 'The person who asked; none where a token or the staff did';
COMMENT ON COLUMN erasures.requested_at IS 'When it was asked for';
COMMENT ON COLUMN erasures.due_at IS 'Until when it should be done';
COMMENT ON COLUMN erasures.confirmed_by IS 'The person who said that it shall be; none where a token or the staff did';
COMMENT ON COLUMN erasures.confirmed_at IS 'When that was';
COMMENT ON COLUMN erasures.erase_after IS 'Until then it can be cancelled';
COMMENT ON COLUMN erasures.status_before IS 'Membership before, which cancelling gives back';
COMMENT ON COLUMN erasures.started_at IS 'When the erasing began';
COMMENT ON COLUMN erasures.known_as IS 'Names, addresses and keys to look for, also former ones, while it runs; emptied at its end';
COMMENT ON COLUMN erasures.cursors IS 'How far each table that is read through has been read: {table: id}';
COMMENT ON COLUMN erasures.counts IS 'Rows that were deleted, emptied or changed so far: {table: rows}';
COMMENT ON COLUMN erasures.completed_at IS 'When nothing was left';
COMMENT ON COLUMN erasures.receipt IS 'What was erased, what was kept and why; holds nothing that tells who it was';
COMMENT ON COLUMN erasures.receipt_sha256 IS 'SHA-256 of the receipt as canonical JSON (RFC 8785), in hexadecimal';
COMMENT ON COLUMN erasures.cancelled_by IS 'The person who cancelled it; none where a token or the staff did';
COMMENT ON COLUMN erasures.cancelled_at IS 'When it was cancelled';
COMMENT ON COLUMN erasures.created_at IS 'When the row was made';
COMMENT ON COLUMN erasures.updated_at IS 'When the row last changed';

CREATE TABLE legal_holds (
  tenant_id uuid NOT NULL,
  user_id   uuid NOT NULL,
  reason    text NOT NULL,
  placed_by uuid,
  placed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CALL stoa_wall('legal_holds', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL stoa_led_people('legal_holds', 'user_id');
COMMENT ON TABLE legal_holds IS 'People who may not be erased while this stands';
COMMENT ON COLUMN legal_holds.tenant_id IS 'The institution';
COMMENT ON COLUMN legal_holds.user_id IS 'The person';
COMMENT ON COLUMN legal_holds.reason IS 'Why, such as the number of a case';
COMMENT ON COLUMN legal_holds.placed_by IS 'The person who placed it; none where a token or the staff did';
COMMENT ON COLUMN legal_holds.placed_at IS 'Since when';
