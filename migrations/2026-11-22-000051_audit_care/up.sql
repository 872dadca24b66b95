-- Looking through the log by more than who and to what; what the staff did, anywhere; forgetting what is past its retention.

CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, id);
CREATE INDEX audit_log_by_kind ON audit_log (tenant_id, object_kind, id);
CREATE INDEX audit_log_by_request ON audit_log (tenant_id, request_id, id) WHERE request_id IS NOT NULL;

-- What the platform's staff did is looked through across institutions, by the house alone, and only that.
CREATE INDEX audit_log_of_staff ON audit_log (id) WHERE actor_kind = 'staff';
CREATE POLICY relay_reads_of_staff ON audit_log FOR SELECT TO stoa_relay USING (actor_kind = 'staff');
GRANT SELECT ON audit_log TO stoa_relay;

-- Rows go for one reason alone, their age, and by one way alone, the function below: it says until when for the length of
-- its own run, and lets nothing go that is younger than ninety days, whatever it is asked for.
CREATE FUNCTION stoa_forgets(at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(at < nullif(current_setting('stoa.forgets_before', true), '')::timestamptz, false)
$$;
COMMENT ON FUNCTION stoa_forgets IS 'Is an entry of this time being forgotten now';
CREATE FUNCTION stoa_append_only_but_old() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT stoa_forgets(OLD.at) THEN
    RAISE EXCEPTION 'the table % takes rows and gives none back', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END
$$;
DROP TRIGGER append_only ON audit_log;
DROP TRIGGER append_only ON staff_log;
DO $$
DECLARE
  log text;
BEGIN
  FOREACH log IN ARRAY ARRAY['audit_log', 'staff_log'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION stoa_append_only()', log);
    EXECUTE format('CREATE TRIGGER append_only_but_old BEFORE DELETE ON %I
      FOR EACH ROW EXECUTE FUNCTION stoa_append_only_but_old()', log);
  END LOOP;
  -- The owner stands behind the wall too.
  EXECUTE format('CREATE POLICY owner_forgets ON audit_log TO %I USING (stoa_forgets(at))', current_user);
  EXECUTE format('CREATE POLICY owner_finds ON institutions FOR SELECT TO %I
    USING (coalesce(current_setting(''stoa.forgets_before'', true), '''') <> '''')', current_user);
END
$$;

-- A handful at a time, of one institution after the other, each by its own key. Answers how many went.
CREATE FUNCTION stoa_forget_audit(until timestamptz, at_most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET enable_seqscan = on AS $$
DECLARE
  tenant uuid;
  gone integer;
  forgotten integer := 0;
BEGIN
  -- By the database's own clock, which nobody who calls this sets.
  IF until > clock_timestamp() - interval '90 days' THEN
    RAISE EXCEPTION 'entries younger than ninety days are not forgotten' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM set_config('stoa.forgets_before', until::text, true);
  DELETE FROM staff_log WHERE id IN
    (SELECT id FROM staff_log WHERE id < stoa_uuid_floor(until) AND at < until ORDER BY id LIMIT at_most);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  FOR tenant IN SELECT i.tenant_id FROM institutions i LOOP
    EXIT WHEN forgotten >= at_most;
    DELETE FROM audit_log a WHERE a.tenant_id = tenant AND a.id IN
      (SELECT o.id FROM audit_log o WHERE o.tenant_id = tenant AND o.id < stoa_uuid_floor(until) AND o.at < until
       ORDER BY o.id LIMIT at_most - forgotten);
    GET DIAGNOSTICS gone = ROW_COUNT;
    forgotten := forgotten + gone;
  END LOOP;
  PERFORM set_config('stoa.forgets_before', '', true);
  RETURN forgotten;
END
$$;
REVOKE ALL ON FUNCTION stoa_forget_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stoa_forget_audit TO stoa_relay;
COMMENT ON FUNCTION stoa_forget_audit IS 'Forgets entries that are past their retention, the oldest first, as many as it may; answers how many';
