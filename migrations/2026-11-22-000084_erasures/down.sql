DROP TABLE legal_holds, erasures;
ALTER TABLE users DROP COLUMN erased_at;
