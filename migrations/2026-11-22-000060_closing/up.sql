-- How an institution leaves: everything of it is written into an export, and then erased.

CREATE TABLE institution_exports (
  tenant_id    uuid NOT NULL REFERENCES institutions,
  id           uuid NOT NULL,
  status       text NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
  contents     jsonb NOT NULL DEFAULT '[]',
  error        text,
  created_at   timestamptz NOT NULL,
  completed_at timestamptz,
  expires_at   timestamptz
);
ALTER TABLE institution_exports ADD PRIMARY KEY (tenant_id, id);
CREATE INDEX institution_exports_by_end ON institution_exports (expires_at);
CALL stoa_wall('institution_exports', 'SELECT', 'SELECT, INSERT, UPDATE, DELETE');
COMMENT ON TABLE institution_exports IS 'Everything of an institution as it was at one moment, for whoever takes it elsewhere';
COMMENT ON COLUMN institution_exports.tenant_id IS 'The institution';
COMMENT ON COLUMN institution_exports.id IS 'Shown as exp_…';
COMMENT ON COLUMN institution_exports.status IS 'Running, completed, or failed for good';
COMMENT ON COLUMN institution_exports.contents IS 'For each table: its name, rows, bytes and the SHA-256 of its file';
COMMENT ON COLUMN institution_exports.error IS 'Why it failed';
COMMENT ON COLUMN institution_exports.created_at IS 'The moment that it shows';
COMMENT ON COLUMN institution_exports.completed_at IS 'When it was whole';
COMMENT ON COLUMN institution_exports.expires_at IS 'When it is deleted; none while the institution is there';

CREATE TABLE institution_export_parts (
  tenant_id  uuid NOT NULL,
  export_id  uuid NOT NULL,
  table_name text NOT NULL,
  part       integer NOT NULL,
  bytes      bytea NOT NULL,
  FOREIGN KEY (tenant_id, export_id) REFERENCES institution_exports ON DELETE CASCADE
);
ALTER TABLE institution_export_parts ADD PRIMARY KEY (tenant_id, export_id, table_name, part);
-- It is compressed already.
ALTER TABLE institution_export_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
CALL stoa_wall('institution_export_parts', 'SELECT', 'SELECT, INSERT, DELETE');
COMMENT ON TABLE institution_export_parts IS 'The files of exports in parts, each a gzip member: one after the other they are the file';
COMMENT ON COLUMN institution_export_parts.tenant_id IS 'The institution';
COMMENT ON COLUMN institution_export_parts.export_id IS 'The export';
COMMENT ON COLUMN institution_export_parts.table_name IS 'The table whose rows the file holds';
COMMENT ON COLUMN institution_export_parts.part IS 'Place of the part, from 0';
COMMENT ON COLUMN institution_export_parts.bytes IS 'Rows as lines of JSON, compressed';

ALTER TABLE institutions
  ADD COLUMN receipt     jsonb,
  ADD COLUMN export_days integer NOT NULL DEFAULT 30 CHECK (export_days > 0);
COMMENT ON COLUMN institutions.receipt IS 'What was erased: rows of each table; none before the erasing began';
COMMENT ON COLUMN institutions.export_days IS 'Days that its export is kept after the erasing';

-- Of an institution that is being erased its rows may go, also those that nobody may take away otherwise. The owner stands
-- behind the wall too, and is let through to that institution alone, for the length of one call.
CREATE FUNCTION stoa_erases(tenant uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(tenant = nullif(current_setting('stoa.erases', true), '')::uuid, false)
$$;
COMMENT ON FUNCTION stoa_erases IS 'Is this institution being erased now';

CREATE OR REPLACE FUNCTION stoa_append_only_but_old() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT stoa_forgets(OLD.at) AND NOT stoa_erases((to_jsonb(OLD) ->> 'tenant_id')::uuid) THEN
    RAISE EXCEPTION 'the table % takes rows and gives none back', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END
$$;

-- Every table with rows of institutions but what remains of one; what refers to another comes before it.
CREATE FUNCTION stoa_tables_of_institutions() RETURNS TABLE (name text, refers_to text[]) LANGUAGE sql STABLE AS $$
  SELECT c.relname::text, coalesce((SELECT array_agg(DISTINCT r.relname::text) FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
      WHERE k.conrelid = c.oid AND k.contype = 'f'), '{}')
  FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname NOT IN ('institutions', 'institution_exports', 'institution_export_parts')
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
  ORDER BY 1
$$;
COMMENT ON FUNCTION stoa_tables_of_institutions IS 'Every table with rows of institutions, but those that remain of one that has left, and what each refers to';

CREATE FUNCTION stoa_leaves(of_table regclass) RETURNS SETOF regclass LANGUAGE sql STABLE AS $$
  SELECT oid::regclass FROM pg_class WHERE oid = of_table AND relkind = 'r'
  UNION ALL SELECT relid FROM pg_partition_tree(of_table) WHERE isleaf AND relid <> of_table
$$;
COMMENT ON FUNCTION stoa_leaves IS 'The table, or the partitions that hold its rows';

-- A table that refers to itself goes in one piece: any part of it might be needed by the rest.
CREATE FUNCTION stoa_erase(tenant uuid, from_table text, most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  leaf regclass;
  gone bigint;
  erased bigint := 0;
  whole boolean;
BEGIN
  PERFORM set_config('stoa.erases', tenant::text, true);
  IF NOT EXISTS (SELECT FROM institutions i WHERE i.tenant_id = tenant AND i.status = 'closed' AND i.closed_at IS NULL)
    OR NOT EXISTS (SELECT FROM stoa_tables_of_institutions() t WHERE t.name = from_table) THEN
    RAISE EXCEPTION '% of % may not be erased', from_table, tenant USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = from_table::regclass AND k.confrelid = k.conrelid) INTO whole;
  FOR leaf IN SELECT * FROM stoa_leaves(from_table::regclass) LOOP
    EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE tenant_id = $1 LIMIT $2))', leaf)
      USING tenant, CASE WHEN NOT whole THEN most - erased END;
    GET DIAGNOSTICS gone = ROW_COUNT;
    erased := erased + gone;
    EXIT WHEN NOT whole AND erased >= most;
  END LOOP;
  PERFORM set_config('stoa.erases', '', true);
  RETURN erased;
END
$$;
COMMENT ON FUNCTION stoa_erase IS 'Erases rows of an institution that is closed from a table, at most so many, and says how many';
REVOKE ALL ON FUNCTION stoa_tables_of_institutions, stoa_leaves, stoa_erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stoa_tables_of_institutions TO stoa_app, stoa_relay;
GRANT EXECUTE ON FUNCTION stoa_erase TO stoa_relay;

-- The wall of every table there is and of those to come lets its owner through where he erases.
CREATE PROCEDURE stoa_erasable(wall_of regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY owner_erases ON %s TO %I USING (stoa_erases(tenant_id))', wall_of, current_user);
END
$$;
REVOKE ALL ON PROCEDURE stoa_erasable FROM PUBLIC;
DO $$
DECLARE
  walled regclass;
BEGIN
  FOR walled IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relforcerowsecurity LOOP
    CALL stoa_erasable(walled);
  END LOOP;
END
$$;
-- As before, but for its last line.
CREATE OR REPLACE PROCEDURE stoa_wall(wall_of regclass, app text, relay text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', wall_of);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', wall_of);
  EXECUTE format(
    'CREATE POLICY tenant_wall ON %s TO stoa_app
       USING (tenant_id IN (SELECT unnest(current_setting(''stoa.tenants'')::uuid[])))
       WITH CHECK (tenant_id IN (SELECT unnest(current_setting(''stoa.tenants'')::uuid[])))', wall_of);
  EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET (n_distinct = 10)', wall_of);
  EXECUTE format('GRANT %s ON %s TO stoa_app', app, wall_of);
  IF relay <> '' THEN
    EXECUTE format('CREATE POLICY relay_passes ON %s TO stoa_relay USING (true) WITH CHECK (true)', wall_of);
    EXECUTE format('GRANT %s ON %s TO stoa_relay', relay, wall_of);
  END IF;
  CALL stoa_erasable(wall_of);
END
$$;
