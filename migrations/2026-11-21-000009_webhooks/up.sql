CREATE TABLE webhooks (
  tenant_id     uuid NOT NULL REFERENCES institutions,
  id            uuid NOT NULL,
  url           text NOT NULL,
  urls          jsonb NOT NULL DEFAULT '{}',
  description   text NOT NULL DEFAULT '',
  events        text[] NOT NULL,
  scope_ids     uuid[],
  scope_kinds   text[],
  dialect       text NOT NULL CHECK (dialect IN ('talktiko', 'teachbase', 'reach360')),
  api_version   text,
  secret        bytea,
  secret_hint   text NOT NULL,
  retry_policy  text NOT NULL DEFAULT 'two_minutes' CHECK (retry_policy IN ('two_minutes', 'backoff3', 'extended')),
  status        text NOT NULL DEFAULT 'enabled' CHECK (status IN ('pending_approval', 'enabled', 'paused', 'disabled_by_user', 'disabled_failing')),
  status_reason text,
  failing_since timestamptz,
  created_by    uuid,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  deleted_at    timestamptz
);
CREATE UNIQUE INDEX webhooks_one_per_url ON webhooks (tenant_id, url) WHERE deleted_at IS NULL;
ALTER TABLE webhooks ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('webhooks', 'SELECT, INSERT, UPDATE', 'SELECT, UPDATE');
COMMENT ON TABLE webhooks IS 'Registered receivers';
COMMENT ON COLUMN webhooks.tenant_id IS 'The institution';
COMMENT ON COLUMN webhooks.id IS 'Shown as whk_…';
COMMENT ON COLUMN webhooks.url IS 'Where deliveries go, normalised';
COMMENT ON COLUMN webhooks.urls IS 'Other addresses by event type prefix, as Teachbase''s subscriptions have them';
COMMENT ON COLUMN webhooks.description IS 'Of the institution, for itself';
COMMENT ON COLUMN webhooks.events IS 'Event types subscribed to; * means all';
COMMENT ON COLUMN webhooks.scope_ids IS 'Course, lesson and item ids that it is limited to; none means all';
COMMENT ON COLUMN webhooks.scope_kinds IS 'Kind of each of them: course, lesson or item';
COMMENT ON COLUMN webhooks.dialect IS 'How it wants to be spoken to';
COMMENT ON COLUMN webhooks.api_version IS 'Pinned version of a dialect that has versions';
COMMENT ON COLUMN webhooks.secret IS 'Signing secret, sealed; none for a receiver that takes unsigned bodies';
COMMENT ON COLUMN webhooks.secret_hint IS 'Last four characters, to tell secrets apart';
COMMENT ON COLUMN webhooks.retry_policy IS 'Name of the retry schedule';
COMMENT ON COLUMN webhooks.status IS 'Only enabled ones are attempted';
COMMENT ON COLUMN webhooks.status_reason IS 'Why, in words, where the server decided';
COMMENT ON COLUMN webhooks.failing_since IS 'First failure since the last success';
COMMENT ON COLUMN webhooks.created_by IS 'Who made it';
COMMENT ON COLUMN webhooks.created_at IS 'When the row was made';
COMMENT ON COLUMN webhooks.updated_at IS 'When the row last changed';
COMMENT ON COLUMN webhooks.deleted_at IS 'Tombstone: the log of its deliveries is kept';

CREATE TABLE payloads (
  tenant_id uuid NOT NULL,
  event_id  uuid NOT NULL,
  rendering text NOT NULL,
  body      bytea NOT NULL,
  PRIMARY KEY (tenant_id, event_id, rendering)
);
CALL stoa_wall('payloads', 'SELECT, INSERT', 'SELECT, INSERT');
COMMENT ON TABLE payloads IS 'Bodies as sent, once for each event and rendering, so that a retry sends the same bytes';
COMMENT ON COLUMN payloads.tenant_id IS 'The institution';
COMMENT ON COLUMN payloads.event_id IS 'The event';
COMMENT ON COLUMN payloads.rendering IS 'Dialect, and the webhook where its id is inside the body';
COMMENT ON COLUMN payloads.body IS 'The bytes';

-- No foreign key to webhooks: the relay writes deliveries from the webhook's own row, which is never removed, and a
-- check would lock that one row for every delivery. Of indexes that promise the same, PostgreSQL takes the one made
-- last; the primary key is made last, as most look-ups are by it.
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

CREATE TABLE attempts (
  tenant_id   uuid NOT NULL,
  delivery_id uuid NOT NULL,
  attempt     integer NOT NULL,
  started_at  timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  http_status integer,
  error       text,
  response    text,
  address     text,
  PRIMARY KEY (tenant_id, delivery_id, attempt)
);
CALL stoa_wall('attempts', 'SELECT, INSERT', 'SELECT, INSERT');
COMMENT ON TABLE attempts IS 'One try of a delivery';
COMMENT ON COLUMN attempts.tenant_id IS 'The institution';
COMMENT ON COLUMN attempts.delivery_id IS 'The delivery';
COMMENT ON COLUMN attempts.attempt IS 'From 1; a redelivery counts on';
COMMENT ON COLUMN attempts.started_at IS 'When the request began';
COMMENT ON COLUMN attempts.duration_ms IS 'Until the verdict';
COMMENT ON COLUMN attempts.http_status IS 'Of the answer; none if there was none';
COMMENT ON COLUMN attempts.error IS 'Class of the failure in a word; none when received';
COMMENT ON COLUMN attempts.response IS 'First KiB of the answer';
COMMENT ON COLUMN attempts.address IS 'Address that was connected to';
