DROP TRIGGER append_only_but_erased ON audit_log;
DROP TRIGGER append_only ON audit_log;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION stoa_append_only();
DROP FUNCTION stoa_rewrite_log, stoa_append_only_but_erased, stoa_empty_answers, stoa_rewrite_events, stoa_erase_activity,
  stoa_strike, stoa_blank_of, stoa_erase_of, stoa_begin_erasing;
