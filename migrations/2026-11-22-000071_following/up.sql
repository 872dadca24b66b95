-- What is worked out from learners' activity follows it: from where each follower goes on, and which enrolments changed.

-- Null in the rows of before, which come before all others. Set in two steps, so that no row is written anew.
ALTER TABLE progress_events ADD COLUMN position bigint;
ALTER TABLE progress_events ALTER COLUMN position SET DEFAULT stoa_position();
COMMENT ON COLUMN progress_events.position IS 'Place in the order of arrival, as in the feed; none in rows from before there were places';
-- Who looks for what is new looks at all institutions, and at no more than that it is there.
CREATE POLICY relay_passes ON progress_events TO stoa_relay USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, position, received_at) ON progress_events TO stoa_relay;

CREATE TABLE followers (
  tenant_id    uuid NOT NULL REFERENCES institutions,
  name         text NOT NULL,
  position     bigint NOT NULL,
  past_walked  boolean NOT NULL,
  past_user_id uuid,
  past_at      timestamptz,
  past_client_id text,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, name)
) WITH (fillfactor = 50);
CALL stoa_wall('followers', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE followers IS 'How far each follower of learners'' activity has come in an institution';
COMMENT ON COLUMN followers.tenant_id IS 'The institution';
COMMENT ON COLUMN followers.name IS 'What follows';
COMMENT ON COLUMN followers.position IS 'All activity up to this place was taken';
COMMENT ON COLUMN followers.past_walked IS 'So was all that has no place';
COMMENT ON COLUMN followers.past_user_id IS 'Learner of the last of those that was taken; they are taken learner by learner, as it happened';
COMMENT ON COLUMN followers.past_at IS 'When that happened';
COMMENT ON COLUMN followers.past_client_id IS 'The sender''s own id of it';
COMMENT ON COLUMN followers.updated_at IS 'When something was last taken';

CREATE TABLE enrolment_changes (
  tenant_id  uuid NOT NULL,
  position   bigint NOT NULL,
  course_id  uuid NOT NULL,
  user_id    uuid NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, position, course_id, user_id)
);
CALL stoa_wall('enrolment_changes', 'SELECT, INSERT, DELETE', 'SELECT');
COMMENT ON TABLE enrolment_changes IS 'Enrolments that changed and were not counted anew yet; what was counted is deleted';
COMMENT ON COLUMN enrolment_changes.tenant_id IS 'The institution';
COMMENT ON COLUMN enrolment_changes.position IS 'Place in the order of changes, as in the feed';
COMMENT ON COLUMN enrolment_changes.course_id IS 'The course';
COMMENT ON COLUMN enrolment_changes.user_id IS 'The learner';
COMMENT ON COLUMN enrolment_changes.changed_at IS 'When it changed';

-- Whoever writes an enrolment, in whichever of the few statements that do: for each statement, and not for each row.
CREATE FUNCTION stoa_note_enrolments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO enrolment_changes (tenant_id, position, course_id, user_id, changed_at)
  SELECT c.tenant_id, (SELECT stoa_position()), c.course_id, c.user_id, c.updated_at FROM changed_rows c
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION stoa_note_enrolments IS 'Notes which enrolments a statement changed';
CREATE TRIGGER note_inserted AFTER INSERT ON enrolments
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION stoa_note_enrolments();
CREATE TRIGGER note_updated AFTER UPDATE ON enrolments
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION stoa_note_enrolments();

-- In a cluster that a dump is restored into, places of activity must lie above those that are taken, as those of events do.
-- Whoever asks sees them; the owner of the tables stands behind their walls.
CREATE FUNCTION stoa_highest_position() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(max(greatest(p.position, c.position)), 0) FROM institutions i
  LEFT JOIN LATERAL (SELECT e.position FROM progress_events e WHERE e.tenant_id = i.tenant_id AND e.position IS NOT NULL
    ORDER BY e.position DESC LIMIT 1) p ON true
  LEFT JOIN LATERAL (SELECT e.position FROM enrolment_changes e WHERE e.tenant_id = i.tenant_id ORDER BY e.position DESC LIMIT 1) c ON true
$$;
COMMENT ON FUNCTION stoa_highest_position IS 'The highest place that activity or a change of an enrolment has';
REVOKE ALL ON FUNCTION stoa_highest_position FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stoa_highest_position TO stoa_relay;

DROP FUNCTION stoa_settle_positions();
CREATE FUNCTION stoa_settle_positions(above bigint DEFAULT 0) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET enable_seqscan = on AS $$
DECLARE
  cluster bigint := (SELECT system_identifier FROM pg_control_system());
  part regclass;
  highest bigint := above;
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
