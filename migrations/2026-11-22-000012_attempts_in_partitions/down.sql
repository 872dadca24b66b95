ALTER TABLE attempts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts RENAME TO attempts_parted;
ALTER INDEX attempts_pkey RENAME TO attempts_parted_pkey;
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
INSERT INTO attempts (tenant_id, delivery_id, attempt, started_at, duration_ms, http_status, error, response, address)
SELECT tenant_id, delivery_id, attempt, started_at, duration_ms, http_status, error, response, address
FROM attempts_parted;
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
DROP TABLE skips, attempts_parted;
