COMMENT ON COLUMN standings.updated_at IS 'When the row last changed';
ALTER TABLE standings DROP COLUMN untold_seconds;
