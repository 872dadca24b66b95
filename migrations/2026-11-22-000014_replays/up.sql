CREATE TABLE replays (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL,
  webhook_id      uuid NOT NULL,
  statuses        text[] NOT NULL,
  event_types     text[],
  object_id       uuid,
  since           timestamptz NOT NULL,
  until           timestamptz NOT NULL,
  include_skipped boolean NOT NULL,
  rate_per_second integer NOT NULL CHECK (rate_per_second BETWEEN 1 AND 1000),
  status          text NOT NULL CHECK (status IN ('running', 'completed', 'cancelled', 'failed')),
  status_reason   text,
  total           bigint,
  done            bigint NOT NULL DEFAULT 0,
  cursor          uuid NOT NULL,
  in_hand         uuid[] NOT NULL DEFAULT '{}',
  created_by      uuid,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  finished_at     timestamptz,
  FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id)
);
CREATE UNIQUE INDEX replays_one_running ON replays (tenant_id, webhook_id) WHERE status = 'running';
CREATE INDEX replays_of_webhook ON replays (tenant_id, webhook_id, id);
ALTER TABLE replays ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('replays', 'SELECT, INSERT, UPDATE', 'SELECT, UPDATE');
-- What a replay sends after all was not skipped.
GRANT DELETE ON skips TO stoa_relay;
COMMENT ON TABLE replays IS 'Deliveries of a receiver sent once more, many at a time';
COMMENT ON COLUMN replays.tenant_id IS 'The institution';
COMMENT ON COLUMN replays.id IS 'Shown as rpl_…';
COMMENT ON COLUMN replays.webhook_id IS 'The receiver';
COMMENT ON COLUMN replays.statuses IS 'What became of the deliveries that are wanted; none means no deliveries, only what was skipped';
COMMENT ON COLUMN replays.event_types IS 'Only these types, in the catalogue''s names; none means all';
COMMENT ON COLUMN replays.object_id IS 'Only what is about this object';
COMMENT ON COLUMN replays.since IS 'Only what was owed, or happened, at or after this time';
COMMENT ON COLUMN replays.until IS 'Only what was owed, or happened, before this time';
COMMENT ON COLUMN replays.include_skipped IS 'Also events that were not sent because the receiver was disabled';
COMMENT ON COLUMN replays.rate_per_second IS 'Deliveries a second at most';
COMMENT ON COLUMN replays.status IS 'Running until the last one was attempted';
COMMENT ON COLUMN replays.status_reason IS 'Why it failed, in words';
COMMENT ON COLUMN replays.total IS 'How many there are; null until they are counted';
COMMENT ON COLUMN replays.done IS 'How many were attempted again';
COMMENT ON COLUMN replays.cursor IS 'The last delivery or event looked at, both being ids by time: where it goes on';
COMMENT ON COLUMN replays.in_hand IS 'Deliveries owed again and not attempted yet: no more are handed out while these are many';
COMMENT ON COLUMN replays.created_by IS 'Who asked for it';
COMMENT ON COLUMN replays.created_at IS 'When the row was made';
COMMENT ON COLUMN replays.updated_at IS 'When the row last changed';
COMMENT ON COLUMN replays.finished_at IS 'When it was completed, cancelled or failed';

-- The health of a receiver, written when attempts are settled, so that nobody has to count through its log.
ALTER TABLE webhooks
  ADD COLUMN failed_attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN last_failed_at timestamptz,
  ADD COLUMN last_error text,
  ADD COLUMN told_at timestamptz,
  ADD COLUMN disabled_at timestamptz;
CREATE INDEX webhooks_failing ON webhooks (failing_since) WHERE failing_since IS NOT NULL AND deleted_at IS NULL;
COMMENT ON COLUMN webhooks.failed_attempts IS 'Failures since the last success';
COMMENT ON COLUMN webhooks.last_failed_at IS 'Start of the latest of them';
COMMENT ON COLUMN webhooks.last_error IS 'What was the matter with it, in words';
COMMENT ON COLUMN webhooks.told_at IS 'When its people were last told that it fails';
COMMENT ON COLUMN webhooks.disabled_at IS 'When the server switched it off';
