-- The two roles that the server works as, and the one procedure that builds a tenant table's wall.
-- Roles belong to the whole cluster, so they are made only where they are missing. An operator may
-- make them beforehand as logins of their own; a migration never changes what it finds.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stoa_app') THEN
    CREATE ROLE stoa_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stoa_relay') THEN
    CREATE ROLE stoa_relay LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another database of this cluster was migrated at the same moment
END
$$;
-- An owner that is no superuser comes in as itself and puts a role on, which it must be a member of. Whoever may not
-- grant that has made the roles beforehand, with logins of their own.
DO $$
BEGIN
  GRANT stoa_app, stoa_relay TO CURRENT_USER;
EXCEPTION WHEN insufficient_privilege OR invalid_grant_operation THEN
  NULL;
END
$$;
GRANT USAGE ON SCHEMA public TO stoa_app, stoa_relay;

-- The wall of a tenant table: row-level security, forced also on the owner. The application sees the
-- tenants that its transaction names in `stoa.tenants` and fails when it names none. The relay works
-- for every tenant: it may read and write where `relay` says so, by a policy and not by a privilege
-- that would let it pass every policy. The names are hashed once for a statement: written as = ANY (array) they
-- would become an index condition, and each look-up by key would be made once for every tenant named.
CREATE PROCEDURE stoa_wall(wall_of regclass, app text, relay text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', wall_of);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', wall_of);
  EXECUTE format(
    'CREATE POLICY tenant_wall ON %s TO stoa_app
       USING (tenant_id IN (SELECT unnest(current_setting(''stoa.tenants'')::uuid[])))
       WITH CHECK (tenant_id IN (SELECT unnest(current_setting(''stoa.tenants'')::uuid[])))', wall_of);
  -- Most institutions are small and some are large. Counted honestly, PostgreSQL takes every one for small, and reads
  -- all that a large one has where a look-up by the whole key was meant.
  EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET (n_distinct = 10)', wall_of);
  EXECUTE format('GRANT %s ON %s TO stoa_app', app, wall_of);
  IF relay <> '' THEN
    EXECUTE format('CREATE POLICY relay_passes ON %s TO stoa_relay USING (true) WITH CHECK (true)', wall_of);
    EXECUTE format('GRANT %s ON %s TO stoa_relay', relay, wall_of);
  END IF;
END
$$;
REVOKE ALL ON PROCEDURE stoa_wall FROM PUBLIC;
