-- Ids are UUIDv7, so an id is a time: where it begins and when it was made. And the places of events in the feed.

CREATE FUNCTION stoa_uuid_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT (lpad(to_hex(greatest(floor(extract(epoch FROM at) * 1000), 0)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
COMMENT ON FUNCTION stoa_uuid_floor IS 'The least id that can be made at a time';

CREATE FUNCTION stoa_uuid_time(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;
COMMENT ON FUNCTION stoa_uuid_time IS 'When an id was made';

-- Where an event stands in the feed. A position is never below the number of the transaction that writes it, and a
-- reader is shown what lies below every transaction that still runs: whatever commits late comes later in the feed too.
-- It is not below what had ended when it was written either, so events of one object stand in the order of their
-- writers, who waited for each other. Numbers of transactions belong to a cluster; the offset carries positions over to
-- the next one (stoa_settle_positions). Both constants are functions, so that they are folded into the plan.
CREATE FUNCTION stoa_position_offset() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 0::bigint';
CREATE FUNCTION stoa_position_cluster() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 0::bigint';
CREATE FUNCTION stoa_position() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL UNSAFE AS $$
  SELECT stoa_position_offset()
    + greatest(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
$$;
CREATE FUNCTION stoa_position_horizon() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT stoa_position_offset() + pg_snapshot_xmin(pg_current_snapshot())::text::bigint
$$;
COMMENT ON FUNCTION stoa_position_offset IS 'What is added to the numbers of this cluster''s transactions';
COMMENT ON FUNCTION stoa_position_cluster IS 'The cluster that the offset was made for';
COMMENT ON FUNCTION stoa_position IS 'Place in the feed of an event that is written now';
COMMENT ON FUNCTION stoa_position_horizon IS 'Positions below it are complete: nothing more will appear there';

-- A dump that was restored stands in a cluster whose transactions are numbered from the beginning again.
CREATE FUNCTION stoa_settle_positions() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET enable_seqscan = on AS $$
DECLARE
  cluster bigint := (SELECT system_identifier FROM pg_control_system());
  part regclass;
  highest bigint := 0;
  one bigint;
BEGIN
  IF stoa_position_cluster() = cluster THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('stoa_positions', 0));
  LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
  FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'events'::regclass LOOP
    EXECUTE format('SELECT max(position) FROM %s', part) INTO one;
    highest := greatest(highest, one);
  END LOOP;
  IF highest >= stoa_position_offset() + pg_current_xact_id()::text::bigint THEN
    EXECUTE format('CREATE OR REPLACE FUNCTION stoa_position_offset() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
      format('SELECT %s::bigint', highest + 1));
  END IF;
  EXECUTE format('CREATE OR REPLACE FUNCTION stoa_position_cluster() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
    format('SELECT %s::bigint', cluster));
  RETURN true;
END
$$;
COMMENT ON FUNCTION stoa_settle_positions IS 'Raises the offset of positions above all that are taken, once for each cluster that the database comes to';

REVOKE ALL ON FUNCTION stoa_settle_positions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stoa_settle_positions TO stoa_relay;
