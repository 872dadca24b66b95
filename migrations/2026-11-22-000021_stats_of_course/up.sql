-- The kind stands before the course, so that no look-up by learner ever takes this index for the one made for it.
CREATE INDEX CONCURRENTLY standings_of_kind ON standings (tenant_id, object_kind, course_id, number);
