DROP FUNCTION stoa_forget_audit(timestamptz, integer);
DROP POLICY owner_finds ON institutions;
DROP POLICY owner_forgets ON audit_log;
DROP TRIGGER append_only_but_old ON audit_log;
DROP TRIGGER append_only ON audit_log;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION stoa_append_only();
DROP TRIGGER append_only_but_old ON staff_log;
DROP TRIGGER append_only ON staff_log;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_log
  FOR EACH STATEMENT EXECUTE FUNCTION stoa_append_only();
DROP FUNCTION stoa_append_only_but_old();
DROP FUNCTION stoa_forgets(timestamptz);
REVOKE SELECT ON audit_log FROM stoa_relay;
DROP POLICY relay_reads_of_staff ON audit_log;
DROP INDEX audit_log_of_staff;
DROP INDEX audit_log_by_request;
DROP INDEX audit_log_by_kind;
DROP INDEX audit_log_by_action;
