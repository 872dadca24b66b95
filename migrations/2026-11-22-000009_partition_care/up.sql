-- What makes, lists and drops partitions of the tables that the next migrations put into partitions. It runs as the owner,
-- so only the relay may call it.
--
-- What a partition shares with its siblings, and what must be set on each (storage, n_distinct), stands in
-- stoa_make_partition. No role is given anything on a partition itself: the wall stands before the whole table.

CREATE FUNCTION stoa_partition_key(part_of text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE part_of WHEN 'events' THEN 'id' WHEN 'deliveries' THEN 'id' WHEN 'attempts' THEN 'delivery_id'
    WHEN 'payloads' THEN 'event_id' WHEN 'skips' THEN 'event_id' END
$$;
COMMENT ON FUNCTION stoa_partition_key IS 'The id whose time decides on the partition; null for a table that has none';

CREATE FUNCTION stoa_partition_width(part_of text) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE part_of WHEN 'events' THEN interval '1 month' ELSE interval '7 days' END
$$;
COMMENT ON FUNCTION stoa_partition_width IS 'A month of events, a week (from Monday, UTC) of the rest';

CREATE FUNCTION stoa_partition_start(part_of text, at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT date_trunc(CASE part_of WHEN 'events' THEN 'month' ELSE 'week' END, at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
$$;
COMMENT ON FUNCTION stoa_partition_start IS 'Where the partition of a time begins';

-- Attached, and not created in place: that keeps readers and writers out of the parent for a moment only where the
-- default partition has rows to be moved. Gives up soon where it cannot have the lock, rather than queue everybody behind it.
CREATE FUNCTION stoa_make_partition(part_of text, at timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' SET enable_seqscan = on AS $$
DECLARE
  key text := stoa_partition_key(part_of);
  starts timestamptz := stoa_partition_start(part_of, at);
  ends timestamptz := (starts AT TIME ZONE 'UTC' + stoa_partition_width(part_of)) AT TIME ZONE 'UTC';
  name text := format('%s_%s', part_of, to_char(starts, 'YYYYMMDD'));
  stray text := part_of || '_default';
  bounds text := format('%I >= %L AND %I < %L', key, stoa_uuid_floor(starts), key, stoa_uuid_floor(ends));
  strays boolean;
BEGIN
  IF key IS NULL THEN
    RAISE EXCEPTION '% has no partitions', part_of;
  END IF;
  IF to_regclass(format('%I', name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('stoa_partitions', 0));
  IF to_regclass(format('%I', name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = %s)',
    name, part_of, CASE part_of WHEN 'deliveries' THEN 80 ELSE 100 END);
  EXECUTE format('ALTER TABLE %I ALTER COLUMN tenant_id SET (n_distinct = 10)', name);
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %s)', stray, bounds) INTO strays;
  IF strays THEN
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', part_of);
    EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %s RETURNING *) INSERT INTO %I SELECT * FROM moved', stray, bounds, name);
  END IF;
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    part_of, name, stoa_uuid_floor(starts), stoa_uuid_floor(ends));
  RETURN true;
END
$$;
COMMENT ON FUNCTION stoa_make_partition IS 'Makes the partition of a table that a time falls in, with what the default partition held of it; says whether there was something to do';

CREATE FUNCTION stoa_make_partitions(part_of text, from_time timestamptz, until_time timestamptz) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  at timestamptz := stoa_partition_start(part_of, from_time);
  made integer := 0;
BEGIN
  WHILE at < until_time LOOP
    made := made + stoa_make_partition(part_of, at)::integer;
    at := (at AT TIME ZONE 'UTC' + stoa_partition_width(part_of)) AT TIME ZONE 'UTC';
  END LOOP;
  RETURN made;
END
$$;
COMMENT ON FUNCTION stoa_make_partitions IS 'Makes the partitions of a table that are missing from one time to another, and says how many';

CREATE FUNCTION stoa_partitions(part_of text) RETURNS TABLE (name text, starts_at timestamptz, ends_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.name, p.starts_at, (p.starts_at AT TIME ZONE 'UTC' + stoa_partition_width(part_of)) AT TIME ZONE 'UTC'
  FROM (SELECT c.relname::text AS name, to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' AS starts_at
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(part_of) AND c.relname ~ '_[0-9]{8}$') p
  ORDER BY p.starts_at
$$;
COMMENT ON FUNCTION stoa_partitions IS 'The partitions of a table, oldest first, without the default one';

CREATE FUNCTION stoa_strays(part_of text, most integer) RETURNS TABLE (starts_at timestamptz, count bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = on AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT stoa_partition_start(%L, stoa_uuid_time(s.key)), count(*) FROM (SELECT %I AS key FROM %I LIMIT %s) s GROUP BY 1 ORDER BY 1',
    part_of, stoa_partition_key(part_of), part_of || '_default', most);
END
$$;
COMMENT ON FUNCTION stoa_strays IS 'Rows in the default partition of a table by the partition that they miss, counted up to a bound';

-- A delivery that is still owed keeps its whole partition, whatever its age: the attempts of the same week stay with it,
-- and the events of its month, from which its body is rendered again.
CREATE FUNCTION stoa_drop_partition(part_of text, partition text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET lock_timeout = '2s' SET enable_seqscan = on AS $$
DECLARE
  its record;
  owed boolean := false;
BEGIN
  SELECT * INTO its FROM stoa_partitions(part_of) p WHERE p.name = partition;
  IF NOT FOUND THEN
    RETURN 'gone';
  END IF;
  IF part_of = 'deliveries' THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE status IN (''pending'', ''retrying'') AND NOT test)', partition) INTO owed;
  ELSIF part_of = 'attempts' THEN
    SELECT EXISTS (SELECT FROM stoa_partitions('deliveries') p WHERE p.starts_at = its.starts_at) INTO owed;
  ELSIF part_of = 'events' THEN
    SELECT EXISTS (SELECT FROM stoa_partitions('deliveries') p WHERE p.starts_at < its.ends_at) INTO owed;
  END IF;
  IF owed THEN
    RETURN 'kept';
  END IF;
  EXECUTE format('DROP TABLE %I', partition);
  RETURN 'dropped';
END
$$;
COMMENT ON FUNCTION stoa_drop_partition IS 'Drops a partition unless something in it is still owed; says dropped, kept or gone';

REVOKE ALL ON FUNCTION stoa_partition_key, stoa_partition_width, stoa_partition_start, stoa_make_partition, stoa_make_partitions,
  stoa_partitions, stoa_strays, stoa_drop_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stoa_make_partition, stoa_make_partitions, stoa_partitions, stoa_strays, stoa_drop_partition TO stoa_relay;
