DROP TABLE course_shares;
ALTER TABLE training_items DROP COLUMN source_id;
ALTER TABLE trainings DROP COLUMN source_id;
ALTER TABLE lessons DROP COLUMN source_id;
DROP INDEX courses_living_source;
ALTER TABLE courses DROP COLUMN source_edition, DROP COLUMN source_id;
ALTER TABLE institutions DROP COLUMN is_library;
