CREATE UNIQUE INDEX CONCURRENTLY standings_on_courses ON standings (tenant_id, number) WHERE object_kind = 'course';
