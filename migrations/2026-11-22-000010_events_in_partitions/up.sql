-- The ledger in partitions by month, so that what is old is dropped and not deleted.

-- The rows are copied here and not by a job: no release stood on the old table. The owner stands behind the wall too, so it
-- is taken down from the old table first, which goes.
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events RENAME TO events_unparted;
ALTER INDEX events_pkey RENAME TO events_unparted_pkey;

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
  position    bigint NOT NULL DEFAULT stoa_position()
) PARTITION BY RANGE (id);
CREATE INDEX events_in_order ON events (tenant_id, position, revision, id);
ALTER TABLE events ADD PRIMARY KEY (tenant_id, id);
-- An insert never fails for want of a partition: what fits none lies here until one is made for it.
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- The events that are there stand in the order of their ids, below all to come.
DO $$
DECLARE
  at timestamptz;
BEGIN
  FOR at IN SELECT DISTINCT stoa_partition_start('events', stoa_uuid_time(id)) FROM events_unparted LOOP
    PERFORM stoa_make_partition('events', at);
  END LOOP;
END
$$;
INSERT INTO events (tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at, created_at, position)
SELECT tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at, created_at, row_number() OVER (ORDER BY id)
FROM events_unparted;
DROP TABLE events_unparted;
SELECT stoa_settle_positions();

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
COMMENT ON COLUMN events.position IS 'Place in the feed, shared by the events of one transaction; within it by revision and id';
