DROP INDEX deliveries_behind;
ALTER TABLE outbox DROP COLUMN concludes;
