-- Rows of an owner that is no superuser stand behind the wall too, and its policies want to be told whose.
SET LOCAL stoa.tenants = '{}';

ALTER TABLE webhooks
  ADD COLUMN urls jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN events text[] NOT NULL DEFAULT '{}',
  ADD COLUMN scope_ids uuid[],
  ADD COLUMN scope_kinds text[],
  DROP COLUMN signature_scheme, DROP COLUMN public_key, DROP COLUMN previous_secret, DROP COLUMN previous_secret_until,
  DROP COLUMN headers, DROP COLUMN header_names, DROP COLUMN coalesce_seconds, DROP COLUMN ordered,
  DROP COLUMN max_in_flight, DROP COLUMN rate_per_second, DROP COLUMN failing_told, DROP COLUMN pinged_at;
COMMENT ON COLUMN webhooks.urls IS 'Other addresses by event type prefix, as Teachbase''s subscriptions have them';
COMMENT ON COLUMN webhooks.events IS 'Event types subscribed to; * means all';
COMMENT ON COLUMN webhooks.scope_ids IS 'Course, lesson and item ids that it is limited to; none means all';
COMMENT ON COLUMN webhooks.scope_kinds IS 'Kind of each of them: course, lesson or item';
-- One subscription fits into the row: the oldest.
UPDATE webhooks w SET events = s.events, scope_ids = s.scope_ids, scope_kinds = s.scope_kinds
FROM (SELECT DISTINCT ON (tenant_id, webhook_id) * FROM subscriptions
      ORDER BY tenant_id, webhook_id, deleted_at IS NOT NULL, id) s
WHERE s.tenant_id = w.tenant_id AND s.webhook_id = w.id;
ALTER TABLE webhooks ALTER COLUMN events DROP DEFAULT;
DROP TABLE subscriptions;
