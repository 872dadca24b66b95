-- Attempts in partitions by week, and what was not sent.

-- The rows are copied here and not by a job: no release stood on the old table. The owner stands behind the wall too, so it
-- is taken down from the old table first, which goes.
ALTER TABLE attempts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts RENAME TO attempts_unparted;
ALTER INDEX attempts_pkey RENAME TO attempts_unparted_pkey;

CREATE TABLE attempts (
  tenant_id       uuid NOT NULL,
  delivery_id     uuid NOT NULL,
  attempt         integer NOT NULL,
  started_at      timestamptz NOT NULL,
  duration_ms     integer NOT NULL,
  http_status     integer,
  error           text,
  response        text,
  address         text,
  dns_ms          integer,
  connect_ms      integer,
  tls_ms          integer,
  first_byte_ms   integer,
  error_detail    text,
  request_headers text,
  PRIMARY KEY (tenant_id, delivery_id, attempt)
) PARTITION BY RANGE (delivery_id);

CREATE TABLE skips (
  tenant_id  uuid NOT NULL,
  webhook_id uuid NOT NULL,
  event_id   uuid NOT NULL,
  event_type text NOT NULL,
  object_id  uuid NOT NULL,
  reason     text NOT NULL CHECK (reason IN ('scope', 'disabled', 'pending_approval')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, webhook_id, event_id)
) PARTITION BY RANGE (event_id);

-- An insert never fails for want of a partition: what fits none lies here until one is made for it.
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;
CREATE TABLE skips_default PARTITION OF skips DEFAULT;
DO $$
DECLARE
  at timestamptz;
BEGIN
  FOR at IN SELECT DISTINCT stoa_partition_start('attempts', stoa_uuid_time(delivery_id)) FROM attempts_unparted LOOP
    PERFORM stoa_make_partition('attempts', at);
  END LOOP;
END
$$;
INSERT INTO attempts (tenant_id, delivery_id, attempt, started_at, duration_ms, http_status, error, response, address)
SELECT tenant_id, delivery_id, attempt, started_at, duration_ms, http_status, error, response, address FROM attempts_unparted;
DROP TABLE attempts_unparted;

CALL stoa_wall('attempts', 'SELECT, INSERT', 'SELECT, INSERT');
CALL stoa_wall('skips', 'SELECT', 'SELECT, INSERT');
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
COMMENT ON COLUMN attempts.dns_ms IS 'Looking the name up; none if that did not happen';
COMMENT ON COLUMN attempts.connect_ms IS 'Connecting; none on a connection that was open';
COMMENT ON COLUMN attempts.tls_ms IS 'The TLS handshake; none on a connection that was open, or without TLS';
COMMENT ON COLUMN attempts.first_byte_ms IS 'From the request sent to the first byte of the answer';
COMMENT ON COLUMN attempts.error_detail IS 'The failure in words';
COMMENT ON COLUMN attempts.request_headers IS 'Header block as sent, secrets masked; only where the delivery''s own row does not tell it';
COMMENT ON TABLE skips IS 'Events that an endpoint asks for by type and was not sent, and why';
COMMENT ON COLUMN skips.tenant_id IS 'The institution';
COMMENT ON COLUMN skips.webhook_id IS 'The receiver';
COMMENT ON COLUMN skips.event_id IS 'The event';
COMMENT ON COLUMN skips.event_type IS 'Its type';
COMMENT ON COLUMN skips.object_id IS 'Its object';
COMMENT ON COLUMN skips.reason IS 'Its scope leaves the event out, it is disabled, or it waits for approval';
COMMENT ON COLUMN skips.created_at IS 'When that was decided';
