-- What is new to a follower of learners' activity, in the order of arrival.
CREATE INDEX CONCURRENTLY progress_events_in_order ON progress_events (tenant_id, position);
