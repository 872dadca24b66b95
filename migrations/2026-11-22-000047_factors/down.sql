DROP TABLE staff_log;
DROP TABLE staff_sessions;
DROP TABLE staff_recovery_codes;
DROP TABLE staff_second_factors;
ALTER TABLE institutions DROP require_second_factor;
