ALTER TABLE outbox ADD COLUMN concludes boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN outbox.concludes IS 'Its object was completed, passed or failed for the first time: no receiver is kept waiting for that';

-- Small: a delivery is here only while it waits for an earlier one of its object at an ordered receiver.
CREATE INDEX deliveries_behind ON deliveries (tenant_id, webhook_id, object_id) WHERE behind;
