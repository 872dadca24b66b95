ALTER TABLE payloads NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payloads RENAME TO payloads_parted;
ALTER INDEX payloads_pkey RENAME TO payloads_parted_pkey;
ALTER TABLE deliveries NO FORCE ROW LEVEL SECURITY;
ALTER TABLE deliveries RENAME TO deliveries_parted;
ALTER INDEX deliveries_pkey RENAME TO deliveries_parted_pkey;
ALTER INDEX deliveries_of_webhook RENAME TO deliveries_parted_of_webhook;
CREATE TABLE payloads (
  tenant_id uuid NOT NULL,
  event_id  uuid NOT NULL,
  rendering text NOT NULL,
  body      bytea NOT NULL,
  PRIMARY KEY (tenant_id, event_id, rendering)
);
INSERT INTO payloads (tenant_id, event_id, rendering, body)
SELECT tenant_id, event_id, rendering, body
FROM payloads_parted;
CALL stoa_wall('payloads', 'SELECT, INSERT', 'SELECT, INSERT');
COMMENT ON TABLE payloads IS 'Bodies as sent, once for each event and rendering, so that a retry sends the same bytes';
COMMENT ON COLUMN payloads.tenant_id IS 'The institution';
COMMENT ON COLUMN payloads.event_id IS 'The event';
COMMENT ON COLUMN payloads.rendering IS 'Dialect, and the webhook where its id is inside the body';
COMMENT ON COLUMN payloads.body IS 'The bytes';
CREATE TABLE deliveries (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL,
  webhook_id      uuid NOT NULL,
  event_id        uuid NOT NULL,
  event_type      text NOT NULL,
  object_id       uuid NOT NULL,
  rendering       text NOT NULL,
  url             text NOT NULL,
  opens           boolean NOT NULL,
  test            boolean NOT NULL DEFAULT false,
  status          text NOT NULL CHECK (status IN ('pending', 'retrying', 'succeeded', 'exhausted', 'cancelled')),
  attempts        integer NOT NULL DEFAULT 0,
  attempts_before integer NOT NULL DEFAULT 0,
  request_id      text,
  created_at      timestamptz NOT NULL,
  first_attempt_at timestamptz,
  next_attempt_at timestamptz,
  finished_at     timestamptz
) WITH (fillfactor = 80);
CREATE INDEX deliveries_that_open ON deliveries (object_id, webhook_id) WHERE opens;
CREATE INDEX deliveries_of_webhook ON deliveries (tenant_id, webhook_id, id);
ALTER TABLE deliveries ADD PRIMARY KEY (tenant_id, id);
INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, test, status, attempts,
  attempts_before, request_id, created_at, first_attempt_at, next_attempt_at, finished_at)
SELECT tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, test,
  CASE status WHEN 'skipped' THEN 'cancelled' ELSE status END, attempts,
  attempts_before, request_id, created_at, first_attempt_at, next_attempt_at, finished_at
FROM deliveries_parted;
CALL stoa_wall('deliveries', 'SELECT, INSERT, UPDATE', 'SELECT, INSERT, UPDATE');
COMMENT ON TABLE deliveries IS 'One event owed to one receiver';
COMMENT ON COLUMN deliveries.tenant_id IS 'The institution';
COMMENT ON COLUMN deliveries.id IS 'Shown as dlv_…';
COMMENT ON COLUMN deliveries.webhook_id IS 'The receiver';
COMMENT ON COLUMN deliveries.event_id IS 'The event';
COMMENT ON COLUMN deliveries.event_type IS 'Its type';
COMMENT ON COLUMN deliveries.object_id IS 'Its object';
COMMENT ON COLUMN deliveries.rendering IS 'Which payload is sent';
COMMENT ON COLUMN deliveries.url IS 'Address at the time of the event';
COMMENT ON COLUMN deliveries.opens IS 'First announcement of its object: attempted before any other of it';
COMMENT ON COLUMN deliveries.test IS 'Asked for by a person, not caused by an event';
COMMENT ON COLUMN deliveries.status IS 'No index mentions it, so that the usual change to succeeded stays on its page';
COMMENT ON COLUMN deliveries.attempts IS 'Attempts so far';
COMMENT ON COLUMN deliveries.attempts_before IS 'Attempts before the present retry window: a redelivery begins a new one';
COMMENT ON COLUMN deliveries.request_id IS 'Request that caused the event';
COMMENT ON COLUMN deliveries.created_at IS 'When it was owed';
COMMENT ON COLUMN deliveries.first_attempt_at IS 'Start of the first attempt: the retry window counts from here';
COMMENT ON COLUMN deliveries.next_attempt_at IS 'When the next attempt is due; none if none is';
COMMENT ON COLUMN deliveries.finished_at IS 'When it succeeded, was exhausted or cancelled';
DROP TABLE deliveries_parted, payloads_parted;
