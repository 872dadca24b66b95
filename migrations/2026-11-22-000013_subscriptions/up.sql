-- Rows of an owner that is no superuser stand behind the wall too, and its policies want to be told whose.
SET LOCAL stoa.tenants = '{}';

-- A webhook is an endpoint from now on: one address with its secret, dialect and policies. What it is told of is a
-- matter of its subscriptions, of which it may have many, of several sources.
DO $$
BEGIN
  -- A secret is sealed for its webhook, so the addresses by type cannot become webhooks here.
  IF EXISTS (SELECT FROM webhooks WHERE urls <> '{}' AND deleted_at IS NULL) THEN
    RAISE EXCEPTION 'some webhooks have other addresses for some types (urls); register each address as a webhook first';
  END IF;
END
$$;

CREATE TABLE subscriptions (
  tenant_id   uuid NOT NULL REFERENCES institutions,
  id          uuid NOT NULL,
  webhook_id  uuid NOT NULL,
  events      text[] NOT NULL,
  scope_ids   uuid[],
  scope_kinds text[],
  source      text NOT NULL CHECK (source IN ('institution', 'support', 'request')),
  request_id  uuid,
  created_by  uuid,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  deleted_at  timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id),
  CHECK ((scope_ids IS NULL) = (scope_kinds IS NULL))
);
CREATE INDEX subscriptions_of_webhook ON subscriptions (tenant_id, webhook_id, id) WHERE deleted_at IS NULL;
CALL stoa_wall('subscriptions', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE subscriptions IS 'What an endpoint is told of; an event is owed to it once if any of them matches';
COMMENT ON COLUMN subscriptions.tenant_id IS 'The institution';
COMMENT ON COLUMN subscriptions.id IS 'Shown as sub_…';
COMMENT ON COLUMN subscriptions.webhook_id IS 'The endpoint';
COMMENT ON COLUMN subscriptions.events IS 'Event types in the dialect''s names; * means all';
COMMENT ON COLUMN subscriptions.scope_ids IS 'Course, lesson and item ids that it is limited to; none means all';
COMMENT ON COLUMN subscriptions.scope_kinds IS 'Kind of each of them: course, lesson or item';
COMMENT ON COLUMN subscriptions.source IS 'Whose it is: the institution''s own, support''s, or from a request that support approved';
COMMENT ON COLUMN subscriptions.request_id IS 'The request that it came from';
COMMENT ON COLUMN subscriptions.created_by IS 'Who made it';
COMMENT ON COLUMN subscriptions.created_at IS 'When the row was made';
COMMENT ON COLUMN subscriptions.updated_at IS 'When the row last changed';
COMMENT ON COLUMN subscriptions.deleted_at IS 'Tombstone';

INSERT INTO subscriptions (tenant_id, id, webhook_id, events, scope_ids, scope_kinds, source, created_by, created_at, updated_at, deleted_at)
SELECT tenant_id, id, id, events, scope_ids, scope_kinds, 'institution', created_by, created_at, updated_at, deleted_at FROM webhooks;

ALTER TABLE webhooks
  DROP COLUMN events, DROP COLUMN scope_ids, DROP COLUMN scope_kinds, DROP COLUMN urls,
  ADD COLUMN signature_scheme text NOT NULL DEFAULT 'v1' CHECK (signature_scheme IN ('v1', 'v1a')),
  ADD COLUMN public_key text,
  ADD COLUMN previous_secret bytea,
  ADD COLUMN previous_secret_until timestamptz,
  ADD COLUMN headers bytea,
  ADD COLUMN header_names text[] NOT NULL DEFAULT '{}',
  ADD COLUMN coalesce_seconds integer NOT NULL DEFAULT 5 CHECK (coalesce_seconds BETWEEN 0 AND 300),
  ADD COLUMN ordered boolean NOT NULL DEFAULT false,
  ADD COLUMN max_in_flight integer CHECK (max_in_flight BETWEEN 1 AND 1000),
  ADD COLUMN rate_per_second integer CHECK (rate_per_second BETWEEN 1 AND 10000),
  ADD COLUMN failing_told smallint NOT NULL DEFAULT 0 CHECK (failing_told BETWEEN 0 AND 2),
  ADD COLUMN pinged_at timestamptz;
COMMENT ON COLUMN webhooks.signature_scheme IS 'How webhook-signature is made: v1 by HMAC with a shared secret, v1a by an ed25519 key pair';
COMMENT ON COLUMN webhooks.public_key IS 'What a receiver verifies v1a with; shown as whpk_…';
COMMENT ON COLUMN webhooks.previous_secret IS 'The secret before the last rotation, sealed; signs beside the present one during the overlap';
COMMENT ON COLUMN webhooks.previous_secret_until IS 'When it stops signing';
COMMENT ON COLUMN webhooks.headers IS 'Headers of the institution''s own, sent with each attempt: a sealed JSON object';
COMMENT ON COLUMN webhooks.header_names IS 'Their names, in lower case, to be shown';
COMMENT ON COLUMN webhooks.coalesce_seconds IS 'Updates of one object within so many seconds are sent as the last of them; 0 sends each';
COMMENT ON COLUMN webhooks.ordered IS 'The events of one object are sent strictly one after the other';
COMMENT ON COLUMN webhooks.max_in_flight IS 'Most attempts at the same time; none means the server''s own limit';
COMMENT ON COLUMN webhooks.rate_per_second IS 'Most attempts in a second; none means no limit';
COMMENT ON COLUMN webhooks.failing_told IS 'What the institution was told of the present failure: 0 nothing, 1 that it fails, 2 that the last day has begun';
COMMENT ON COLUMN webhooks.pinged_at IS 'Last test of the present address that was received; none until then';
