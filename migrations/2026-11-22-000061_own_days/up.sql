-- An institution may want its rows kept for fewer days than the platform keeps them. Partitions are everybody's, so these
-- go row by row, a handful at a time. What is owed stays, with all that it is made from.
CREATE FUNCTION stoa_forget_own(tenant uuid, from_table text, before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
DECLARE
  key text := stoa_partition_key(from_table);
  leaf regclass;
  gone bigint;
  forgotten bigint := 0;
BEGIN
  IF key IS NULL THEN
    RAISE EXCEPTION '% is not kept by days', from_table;
  END IF;
  PERFORM set_config('stoa.erases', tenant::text, true);
  -- A body that is owed is rendered from its event again.
  IF from_table <> 'events' OR NOT EXISTS (SELECT FROM deliveries d
      WHERE d.tenant_id = tenant AND d.status IN ('pending', 'retrying') AND NOT d.test AND d.id < stoa_uuid_floor(before)) THEN
    FOR leaf IN SELECT * FROM stoa_leaves(from_table::regclass) LOOP
      EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT x.ctid FROM %1$s x WHERE x.tenant_id = $1 AND x.%2$I < $2 AND %3$s LIMIT $3))',
        leaf, key, CASE from_table
          WHEN 'deliveries' THEN 'x.status NOT IN (''pending'', ''retrying'')'
          WHEN 'attempts' THEN 'NOT EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = $1 AND d.id = x.delivery_id AND d.status IN (''pending'', ''retrying''))'
          ELSE 'true' END)
        USING tenant, stoa_uuid_floor(before), most - forgotten;
      GET DIAGNOSTICS gone = ROW_COUNT;
      forgotten := forgotten + gone;
      EXIT WHEN forgotten >= most;
    END LOOP;
  END IF;
  PERFORM set_config('stoa.erases', '', true);
  RETURN forgotten;
END
$$;
COMMENT ON FUNCTION stoa_forget_own IS 'Deletes what an institution no longer wants kept of a table, at most so many rows, and says how many';
REVOKE ALL ON FUNCTION stoa_forget_own FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stoa_forget_own TO stoa_relay;
