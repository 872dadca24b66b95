REVOKE DELETE ON skips FROM stoa_relay;
DROP INDEX webhooks_failing;
ALTER TABLE webhooks
  DROP COLUMN failed_attempts,
  DROP COLUMN last_failed_at,
  DROP COLUMN last_error,
  DROP COLUMN told_at,
  DROP COLUMN disabled_at;
DROP TABLE replays;
