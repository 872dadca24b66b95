CREATE TABLE idempotency_keys (
  tenant_id   uuid NOT NULL REFERENCES institutions,
  holder_id   uuid NOT NULL,
  operation   text NOT NULL,
  key         text NOT NULL,
  fingerprint bytea NOT NULL,
  started_at  timestamptz NOT NULL,
  status      integer,
  headers     jsonb,
  body        bytea,
  PRIMARY KEY (tenant_id, holder_id, operation, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (started_at);
CALL stoa_wall('idempotency_keys', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, DELETE');
COMMENT ON TABLE idempotency_keys IS 'Requests that were sent with an Idempotency-Key, and what was answered, for a day';
COMMENT ON COLUMN idempotency_keys.tenant_id IS 'The institution';
COMMENT ON COLUMN idempotency_keys.holder_id IS 'The person or the token that sent it: nobody is shown what another was answered';
COMMENT ON COLUMN idempotency_keys.operation IS 'Method and template of the path that it was sent to';
COMMENT ON COLUMN idempotency_keys.key IS 'The key, without quotes';
COMMENT ON COLUMN idempotency_keys.fingerprint IS 'SHA-256 of path, query and body: another request under the same key is refused';
COMMENT ON COLUMN idempotency_keys.started_at IS 'When it was taken on; the key is remembered for a day from here';
COMMENT ON COLUMN idempotency_keys.status IS 'HTTP status of the answer; none while the request runs';
COMMENT ON COLUMN idempotency_keys.headers IS 'Headers of the answer that belong to its content';
COMMENT ON COLUMN idempotency_keys.body IS 'Body of the answer, sealed: an answer may show a secret this once';
