ALTER TABLE standings ADD COLUMN untold_seconds bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN standings.untold_seconds IS 'Of the time spent, what came after the last announcement: time alone inside a course or lesson is not announced';
COMMENT ON COLUMN standings.updated_at IS 'When the last announced change was made';
