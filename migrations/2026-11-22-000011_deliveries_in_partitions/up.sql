-- The log in partitions by week, and the bodies with it.

-- The rows are copied here and not by a job: no release stood on the old table. The owner stands behind the wall too, so it
-- is taken down from the old table first, which goes.
ALTER TABLE payloads NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payloads RENAME TO payloads_unparted;
ALTER INDEX payloads_pkey RENAME TO payloads_unparted_pkey;
ALTER TABLE deliveries NO FORCE ROW LEVEL SECURITY;
ALTER TABLE deliveries RENAME TO deliveries_unparted;
ALTER INDEX deliveries_pkey RENAME TO deliveries_unparted_pkey;
ALTER INDEX deliveries_of_webhook RENAME TO deliveries_unparted_of_webhook;

CREATE TABLE payloads (
  tenant_id uuid NOT NULL,
  event_id  uuid NOT NULL,
  rendering text NOT NULL,
  body      bytea NOT NULL,
  PRIMARY KEY (tenant_id, event_id, rendering)
) PARTITION BY RANGE (event_id);

-- No foreign key to webhooks: the relay writes deliveries from the webhook's own row, which is never removed, and a
-- check would lock that one row for every delivery. Of indexes that promise the same, PostgreSQL takes the one made
-- last; the primary key is made last, as most look-ups are by it. A partition gets its indexes in the same order.
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
  status          text NOT NULL CHECK (status IN ('pending', 'retrying', 'succeeded', 'exhausted', 'cancelled', 'skipped')),
  attempts        integer NOT NULL DEFAULT 0,
  attempts_before integer NOT NULL DEFAULT 0,
  request_id      text,
  created_at      timestamptz NOT NULL,
  first_attempt_at timestamptz,
  next_attempt_at timestamptz,
  finished_at     timestamptz,
  revision        integer NOT NULL DEFAULT 1,
  wait_until      timestamptz,
  keyed           boolean NOT NULL DEFAULT false,
  behind          boolean NOT NULL DEFAULT false,
  reason          text,
  replay_id       uuid
) PARTITION BY RANGE (id);
CREATE INDEX deliveries_of_object ON deliveries (object_id, webhook_id, revision) WHERE keyed;
CREATE INDEX deliveries_of_webhook ON deliveries (tenant_id, webhook_id, id);
ALTER TABLE deliveries ADD PRIMARY KEY (tenant_id, id);

-- An insert never fails for want of a partition: what fits none lies here until one is made for it.
CREATE TABLE payloads_default PARTITION OF payloads DEFAULT;
CREATE TABLE deliveries_default PARTITION OF deliveries DEFAULT WITH (fillfactor = 80);
DO $$
DECLARE
  at timestamptz;
BEGIN
  FOR at IN SELECT DISTINCT stoa_partition_start('payloads', stoa_uuid_time(event_id)) FROM payloads_unparted LOOP
    PERFORM stoa_make_partition('payloads', at);
  END LOOP;
END
$$;
DO $$
DECLARE
  at timestamptz;
BEGIN
  FOR at IN SELECT DISTINCT stoa_partition_start('deliveries', stoa_uuid_time(id)) FROM deliveries_unparted LOOP
    PERFORM stoa_make_partition('deliveries', at);
  END LOOP;
END
$$;
INSERT INTO payloads (tenant_id, event_id, rendering, body) SELECT tenant_id, event_id, rendering, body FROM payloads_unparted;
INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, test, status, attempts,
  attempts_before, request_id, created_at, first_attempt_at, next_attempt_at, finished_at, revision, keyed)
SELECT d.tenant_id, d.id, d.webhook_id, d.event_id, d.event_type, d.object_id, d.rendering, d.url, d.opens, d.test, d.status, d.attempts,
  d.attempts_before, d.request_id, d.created_at, d.first_attempt_at, d.next_attempt_at, d.finished_at, coalesce(e.revision, 1), d.opens
FROM deliveries_unparted d LEFT JOIN events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id;
DROP TABLE deliveries_unparted, payloads_unparted;

CALL stoa_wall('payloads', 'SELECT, INSERT', 'SELECT, INSERT');
CALL stoa_wall('deliveries', 'SELECT, INSERT, UPDATE', 'SELECT, INSERT, UPDATE');
COMMENT ON TABLE payloads IS 'Bodies as sent, once for each event and rendering, so that a retry sends the same bytes';
COMMENT ON COLUMN payloads.tenant_id IS 'The institution';
COMMENT ON COLUMN payloads.event_id IS 'The event';
COMMENT ON COLUMN payloads.rendering IS 'Dialect, and the webhook where its id is inside the body';
COMMENT ON COLUMN payloads.body IS 'The bytes';
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
COMMENT ON COLUMN deliveries.finished_at IS 'When it succeeded, was exhausted, cancelled or skipped';
COMMENT ON COLUMN deliveries.revision IS 'Of the event''s object';
COMMENT ON COLUMN deliveries.wait_until IS 'End of the window in which later states of the object replace this one; none if it goes at once';
COMMENT ON COLUMN deliveries.keyed IS 'Found by its object: it opens one, waits for a window, or its receiver is ordered. Never changes';
COMMENT ON COLUMN deliveries.behind IS 'Waits for an earlier delivery of its object, as an ordered receiver wants it';
COMMENT ON COLUMN deliveries.reason IS 'Why it was skipped or cancelled, in a word';
COMMENT ON COLUMN deliveries.replay_id IS 'The replay that owed it again, if one did';
