-- Word to every node's tenant actors that an institution changed: `stoa_tenants` with its id where its settings or open
-- imports did, and with " counts" behind the id where only its members did. PostgreSQL makes one word of equal ones in a
-- transaction, so a batch of ten thousand rows is one. Nothing that learners do comes by here.
--
-- For each statement and not for each row; whoever changes many institutions at once sends one word for all of them: an
-- empty one.
CREATE FUNCTION stoa_tell_tenants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed uuid[];
BEGIN
  SELECT array_agg(t.tenant_id) INTO changed FROM (SELECT DISTINCT c.tenant_id FROM changed_rows c LIMIT 101) t;
  IF cardinality(changed) > 100 THEN
    PERFORM pg_notify('stoa_tenants', '');
  ELSE
    PERFORM pg_notify('stoa_tenants', c.id || TG_ARGV[0]) FROM unnest(changed) AS c(id);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION stoa_tell_tenants IS 'Tells the nodes which institutions a statement changed; its argument says what of them';

CREATE TRIGGER tell_tenants_of_insert AFTER INSERT ON institutions
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION stoa_tell_tenants('');
CREATE TRIGGER tell_tenants_of_update AFTER UPDATE ON institutions
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION stoa_tell_tenants('');

CREATE TRIGGER tell_tenants_of_insert AFTER INSERT ON memberships
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION stoa_tell_tenants(' counts');
CREATE TRIGGER tell_tenants_of_update AFTER UPDATE ON memberships
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION stoa_tell_tenants(' counts');
CREATE TRIGGER tell_tenants_of_delete AFTER DELETE ON memberships
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION stoa_tell_tenants(' counts');

-- Of an import, that it came, went on to something else, or took its turn or gave it back; not that it went on by a chunk.
CREATE FUNCTION stoa_tell_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('stoa_tenants', NEW.tenant_id::text);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION stoa_tell_tenant IS 'Tells the nodes whose row was changed';
CREATE TRIGGER tell_tenant_of_insert AFTER INSERT ON imports FOR EACH ROW EXECUTE FUNCTION stoa_tell_tenant();
CREATE TRIGGER tell_tenant_of_update AFTER UPDATE ON imports FOR EACH ROW
  WHEN (OLD.status <> NEW.status OR (OLD.lease_until IS NULL) <> (NEW.lease_until IS NULL))
  EXECUTE FUNCTION stoa_tell_tenant();
