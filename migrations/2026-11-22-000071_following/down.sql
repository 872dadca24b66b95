DROP TRIGGER note_updated ON enrolments;
DROP TRIGGER note_inserted ON enrolments;
DROP FUNCTION stoa_note_enrolments();
DROP FUNCTION stoa_settle_positions(bigint);
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
DROP FUNCTION stoa_highest_position();
DROP TABLE enrolment_changes;
DROP TABLE followers;
REVOKE SELECT (tenant_id, position, received_at) ON progress_events FROM stoa_relay;
DROP POLICY relay_passes ON progress_events;
ALTER TABLE progress_events DROP COLUMN position;
