CREATE TABLE queue_jobs (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  queue        text NOT NULL,
  name         text NOT NULL,
  payload      jsonb NOT NULL,
  unique_key   text,
  state        text NOT NULL CHECK (state IN ('available', 'running', 'discarded')),
  attempts     integer NOT NULL DEFAULT 0,
  run_at       timestamptz NOT NULL,
  locked_by    uuid,
  lease_until  timestamptz,
  last_error   text,
  request_id   text,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
-- Rows come and go all the time: room for updates in place, and dead ones swept before they slow the claims.
CREATE UNIQUE INDEX queue_jobs_unique ON queue_jobs (tenant_id, name, unique_key) WHERE state = 'available';
CREATE INDEX queue_jobs_due ON queue_jobs (queue, run_at, id) WHERE state = 'available';
CREATE INDEX queue_jobs_fair ON queue_jobs (queue, tenant_id, run_at, id) WHERE state = 'available';
CREATE INDEX queue_jobs_leased ON queue_jobs (lease_until) WHERE state = 'running';
CREATE INDEX queue_jobs_discarded ON queue_jobs (queue, id) WHERE state = 'discarded';
CALL stoa_wall('queue_jobs', 'SELECT, INSERT', 'SELECT, INSERT, UPDATE, DELETE');
COMMENT ON TABLE queue_jobs IS 'Promises: work that must eventually happen. A finished job leaves; its outcome is a fact elsewhere';
COMMENT ON COLUMN queue_jobs.tenant_id IS 'The institution; the nil uuid for the house''s own work';
COMMENT ON COLUMN queue_jobs.id IS 'Shown as job_…';
COMMENT ON COLUMN queue_jobs.queue IS 'Queue that a worker serves';
COMMENT ON COLUMN queue_jobs.name IS 'Name of the job in the registry';
COMMENT ON COLUMN queue_jobs.payload IS 'Its arguments';
COMMENT ON COLUMN queue_jobs.unique_key IS 'At most one available job of this name and key';
COMMENT ON COLUMN queue_jobs.state IS 'Available, running under a lease, or discarded after its last attempt';
COMMENT ON COLUMN queue_jobs.attempts IS 'Times that it was started';
COMMENT ON COLUMN queue_jobs.run_at IS 'Not before';
COMMENT ON COLUMN queue_jobs.locked_by IS 'Process that runs it, an id made at its start';
COMMENT ON COLUMN queue_jobs.lease_until IS 'Until when that process is believed';
COMMENT ON COLUMN queue_jobs.last_error IS 'Why the last attempt failed';
COMMENT ON COLUMN queue_jobs.request_id IS 'Request that caused it';
COMMENT ON COLUMN queue_jobs.created_at IS 'When it was promised';

CREATE TABLE paused_queues (
  queue     text PRIMARY KEY,
  reason    text NOT NULL,
  paused_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON paused_queues TO stoa_relay;
COMMENT ON TABLE paused_queues IS 'Queues that an operator has stopped, on every node';
COMMENT ON COLUMN paused_queues.queue IS 'The queue';
COMMENT ON COLUMN paused_queues.reason IS 'Why, by whoever paused it';
COMMENT ON COLUMN paused_queues.paused_at IS 'Since when';
