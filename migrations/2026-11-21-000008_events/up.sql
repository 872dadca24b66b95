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

CREATE TABLE outbox (
  tenant_id   uuid NOT NULL,
  event_id    uuid NOT NULL,
  object_id   uuid NOT NULL,
  relay_after timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX outbox_due ON outbox (relay_after, event_id);
CREATE INDEX outbox_of_object ON outbox (object_id);
ALTER TABLE outbox ADD PRIMARY KEY (tenant_id, event_id);
CALL stoa_wall('outbox', 'INSERT', 'SELECT, INSERT, UPDATE, DELETE');
COMMENT ON TABLE outbox IS 'Events that the relay still owes; a row goes in the transaction that writes the deliveries. Small and ever changing, so it is vacuumed by count';
COMMENT ON COLUMN outbox.tenant_id IS 'The institution';
COMMENT ON COLUMN outbox.event_id IS 'The event';
COMMENT ON COLUMN outbox.object_id IS 'Its object, for the order of created before updated';
COMMENT ON COLUMN outbox.relay_after IS 'From when any node may take it; the node that recorded it takes it at once';
