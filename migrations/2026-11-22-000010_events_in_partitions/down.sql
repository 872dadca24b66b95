ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events RENAME TO events_parted;
ALTER INDEX events_pkey RENAME TO events_parted_pkey;
CREATE TABLE events (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  type        text NOT NULL,
  object_kind text NOT NULL,
  object_id   uuid NOT NULL,
  revision    integer NOT NULL,
  scope_ids   uuid[] NOT NULL,
  data        jsonb NOT NULL,
  request_id  text,
  occurred_at timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
INSERT INTO events (tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at, created_at)
SELECT tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at, created_at
FROM events_parted;
CALL stoa_wall('events', 'SELECT, INSERT', 'SELECT, INSERT');
COMMENT ON TABLE events IS 'What happened, past tense; written with the change that it tells of';
COMMENT ON COLUMN events.tenant_id IS 'The institution';
COMMENT ON COLUMN events.id IS 'Shown as evt_…; the same over every retry and dialect';
COMMENT ON COLUMN events.type IS 'Name in the catalogue';
COMMENT ON COLUMN events.object_kind IS 'What it is about; order is kept for one object';
COMMENT ON COLUMN events.object_id IS 'Which one';
COMMENT ON COLUMN events.revision IS 'Of the object, as it was after the change';
COMMENT ON COLUMN events.scope_ids IS 'Course, lesson and item that a subscription may be limited to';
COMMENT ON COLUMN events.data IS 'Neutral payload, frozen; every dialect is rendered from it';
COMMENT ON COLUMN events.request_id IS 'Request that caused it';
COMMENT ON COLUMN events.occurred_at IS 'When it happened';
COMMENT ON COLUMN events.created_at IS 'When it was recorded';
DROP TABLE events_parted;
