DROP TABLE audit_log;
DROP FUNCTION stoa_append_only();
DROP TABLE staff;
