-- What a learner did, by the time at which it happened: the history of one, and his own data.
CREATE INDEX CONCURRENTLY progress_events_of_learner ON progress_events (tenant_id, user_id, occurred_at, client_id);
