-- What erases a person: most of it may be done by no role but the owner, and only to somebody whose erasure runs.
-- What `stoa.erases` is set to ends with the function.
CREATE FUNCTION stoa_begin_erasing(tenant uuid, person uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('stoa.erases', tenant::text, true);
  IF NOT EXISTS (SELECT FROM erasures e WHERE e.tenant_id = tenant AND e.user_id = person AND e.status = 'running') THEN
    RAISE EXCEPTION 'no erasure of % runs', person USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
COMMENT ON FUNCTION stoa_begin_erasing IS 'Lets the owner through to an institution for one call, if this person of it is being erased';

-- Rows of any table by what stands in one column: the id of the person, or what he is known by.
CREATE FUNCTION stoa_erase_of(tenant uuid, person uuid, from_table text, by_column text, vals text[], most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET stoa.erases = '' AS $$
DECLARE
  leaf regclass;
  of_type text;
  gone bigint;
  erased bigint := 0;
BEGIN
  PERFORM stoa_begin_erasing(tenant, person);
  SELECT format_type(a.atttypid, a.atttypmod) INTO STRICT of_type FROM pg_attribute a
    WHERE a.attrelid = to_regclass(quote_ident(from_table)) AND a.attname = by_column AND NOT a.attisdropped;
  FOR leaf IN SELECT * FROM stoa_leaves(quote_ident(from_table)::regclass) LOOP
    EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT x.ctid FROM %1$s x WHERE x.tenant_id = $1 AND x.%2$I = ANY ($2::%3$s[]) LIMIT $3))',
      leaf, by_column, of_type) USING tenant, vals, most - erased;
    GET DIAGNOSTICS gone = ROW_COUNT;
    erased := erased + gone;
    EXIT WHEN erased >= most;
  END LOOP;
  RETURN erased;
END
$$;
COMMENT ON FUNCTION stoa_erase_of IS 'Deletes rows of a person who is being erased, at most so many, and says how many';

CREATE FUNCTION stoa_blank_of(tenant uuid, person uuid, of_table text, by_column text, fills jsonb, most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET stoa.erases = '' AS $$
DECLARE
  changes text;
  differing text;
  blanked bigint;
BEGIN
  PERFORM stoa_begin_erasing(tenant, person);
  SELECT string_agg(format('%I = %L', f.key, f.value), ', '), string_agg(format('x.%I IS DISTINCT FROM %L', f.key, f.value), ' OR ')
    INTO changes, differing FROM jsonb_each_text(fills) f;
  EXECUTE format('UPDATE %1$I SET %2$s WHERE ctid = ANY (ARRAY(SELECT x.ctid FROM %1$I x WHERE x.tenant_id = $1 AND x.%3$I = $2 AND (%4$s) LIMIT $3))',
    of_table, changes, by_column, differing) USING tenant, person, most;
  GET DIAGNOSTICS blanked = ROW_COUNT;
  RETURN blanked;
END
$$;
COMMENT ON FUNCTION stoa_blank_of IS 'Empties columns of rows of a person who is being erased, at most so many rows, and says how many';

-- Of a JSON value whole texts are struck out, so that what is left is JSON.
CREATE FUNCTION stoa_strike(tenant uuid, person uuid, in_table text, in_column text, pattern text) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET stoa.erases = '' AS $$
DECLARE
  is_json boolean;
  struck bigint;
BEGIN
  PERFORM stoa_begin_erasing(tenant, person);
  SELECT a.atttypid = 'jsonb'::regtype INTO STRICT is_json FROM pg_attribute a
    WHERE a.attrelid = to_regclass(quote_ident(in_table)) AND a.attname = in_column AND NOT a.attisdropped;
  EXECUTE format(CASE WHEN is_json
    THEN 'UPDATE %1$I SET %2$I = regexp_replace(%2$I::text, $3, ''"***"'', ''gi'')::jsonb WHERE tenant_id = $1 AND %2$I::text ~* $2'
    ELSE 'UPDATE %1$I SET %2$I = regexp_replace(%2$I, $2, ''***'', ''gi'') WHERE tenant_id = $1 AND %2$I ~* $2 AND $3 <> ''''' END,
    in_table, in_column) USING tenant, pattern, format('"(?:[^"\\]|\\.)*(?:%s)(?:[^"\\]|\\.)*"', pattern);
  GET DIAGNOSTICS struck = ROW_COUNT;
  RETURN struck;
END
$$;
COMMENT ON FUNCTION stoa_strike IS 'Strikes what a person who is being erased is known by out of a column, and says in how many rows';

CREATE FUNCTION stoa_erase_activity(tenant uuid, person uuid, figures text[], most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET stoa.erases = '' AS $$
DECLARE erased bigint;
BEGIN
  PERFORM stoa_begin_erasing(tenant, person);
  UPDATE progress_events SET client_id = 'erased:' || gen_random_uuid(), event_ids = '{}',
      result = (SELECT jsonb_object_agg(r.key, r.value) FROM jsonb_each(result) r WHERE r.key = ANY (figures))
    WHERE ctid = ANY (ARRAY(SELECT x.ctid FROM progress_events x WHERE x.tenant_id = tenant AND x.user_id = person
      AND x.client_id !~ '^erased:[0-9a-f-]{36}$' LIMIT most));
  GET DIAGNOSTICS erased = ROW_COUNT;
  RETURN erased;
END
$$;
COMMENT ON FUNCTION stoa_erase_activity IS 'Leaves of a person''s activity what was done, when, and the figures';

CREATE FUNCTION stoa_rewrite_events(tenant uuid, person uuid, ids uuid[], told jsonb[], OUT events bigint, OUT payloads bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET stoa.erases = '' AS $$
BEGIN
  PERFORM stoa_begin_erasing(tenant, person);
  DELETE FROM payloads p WHERE p.tenant_id = tenant AND p.event_id = ANY (ids);
  GET DIAGNOSTICS payloads = ROW_COUNT;
  UPDATE events e SET data = t.data FROM unnest(ids, told) AS t(id, data)
    WHERE e.tenant_id = tenant AND e.id = ANY (ids) AND e.id = t.id AND e.data IS DISTINCT FROM t.data;
  GET DIAGNOSTICS events = ROW_COUNT;
END
$$;
COMMENT ON FUNCTION stoa_rewrite_events IS 'Lets events tell of a former learner, and drops the bodies that were made of them';

CREATE FUNCTION stoa_empty_answers(tenant uuid, person uuid, of_deliveries uuid[]) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET stoa.erases = '' AS $$
DECLARE emptied bigint;
BEGIN
  PERFORM stoa_begin_erasing(tenant, person);
  UPDATE attempts SET response = NULL, error_detail = NULL, request_headers = NULL
    WHERE tenant_id = tenant AND delivery_id = ANY (of_deliveries) AND num_nonnulls(response, error_detail, request_headers) > 0;
  GET DIAGNOSTICS emptied = ROW_COUNT;
  RETURN emptied;
END
$$;
COMMENT ON FUNCTION stoa_empty_answers IS 'Empties what receivers answered to deliveries that told of a person who is being erased';

-- An entry of the log is never changed, but for who it was: that goes with the person, by the function below alone.
CREATE FUNCTION stoa_append_only_but_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told text[] := ARRAY['actor_name', 'before', 'after', 'address'];
BEGIN
  IF NOT stoa_erases(OLD.tenant_id) OR to_jsonb(NEW) - told <> to_jsonb(OLD) - told THEN
    RAISE EXCEPTION 'the table % takes rows and gives none back', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
DROP TRIGGER append_only ON audit_log;
CREATE TRIGGER append_only BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION stoa_append_only();
CREATE TRIGGER append_only_but_erased BEFORE UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION stoa_append_only_but_erased();
CREATE FUNCTION stoa_rewrite_log(tenant uuid, person uuid, former text, ids uuid[], olds jsonb[], news jsonb[]) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET stoa.erases = '' AS $$
DECLARE rewritten bigint;
BEGIN
  PERFORM stoa_begin_erasing(tenant, person);
  UPDATE audit_log a SET before = t.before, after = t.after,
      actor_name = CASE WHEN a.actor_id = person THEN former ELSE a.actor_name END,
      address = CASE WHEN a.actor_id = person THEN NULL ELSE a.address END
    FROM unnest(ids, olds, news) AS t(id, before, after) WHERE a.tenant_id = tenant AND a.id = ANY (ids) AND a.id = t.id;
  GET DIAGNOSTICS rewritten = ROW_COUNT;
  RETURN rewritten;
END
$$;
COMMENT ON FUNCTION stoa_rewrite_log IS 'Lets entries of the log name a former learner, and tell no more of him than stands here';

REVOKE ALL ON FUNCTION stoa_begin_erasing, stoa_erase_of, stoa_blank_of, stoa_strike, stoa_erase_activity, stoa_rewrite_events,
  stoa_empty_answers, stoa_rewrite_log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stoa_erase_of, stoa_blank_of, stoa_strike, stoa_erase_activity, stoa_rewrite_events,
  stoa_empty_answers, stoa_rewrite_log TO stoa_relay;
