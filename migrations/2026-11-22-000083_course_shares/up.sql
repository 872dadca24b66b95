ALTER TABLE institutions ADD COLUMN is_library boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN institutions.is_library IS 'The platform''s own: its courses may be shared to others';

ALTER TABLE courses ADD COLUMN source_id uuid, ADD COLUMN source_edition integer;
COMMENT ON COLUMN courses.source_id IS 'Course of the platform''s library that this is a copy of; nobody changes a copy';
COMMENT ON COLUMN courses.source_edition IS 'Edition of the source that it is a copy of';
CREATE UNIQUE INDEX courses_living_source ON courses (tenant_id, source_id) WHERE deleted_at IS NULL;
ALTER TABLE lessons ADD COLUMN source_id uuid;
COMMENT ON COLUMN lessons.source_id IS 'Lesson that this is a copy of';
ALTER TABLE trainings ADD COLUMN source_id uuid;
COMMENT ON COLUMN trainings.source_id IS 'Training that this is a copy of';
ALTER TABLE training_items ADD COLUMN source_id uuid;
COMMENT ON COLUMN training_items.source_id IS 'Item that this is a copy of';

CREATE TABLE course_shares (
  tenant_id        uuid NOT NULL REFERENCES institutions,
  source_id        uuid NOT NULL,
  source_tenant_id uuid NOT NULL,
  source_version   integer NOT NULL DEFAULT 0,
  course_id        uuid,
  shared_at        timestamptz NOT NULL,
  ended_at         timestamptz,
  copied_at        timestamptz,
  PRIMARY KEY (tenant_id, source_id),
  FOREIGN KEY (tenant_id, course_id) REFERENCES courses
);
-- From a course of the library to the copies that are behind it, over all institutions.
CREATE INDEX course_shares_behind ON course_shares (source_tenant_id, source_id, source_version) WHERE ended_at IS NULL;
CALL stoa_wall('course_shares', 'SELECT, INSERT, UPDATE', 'SELECT');
CALL stoa_course_wall('course_shares', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
COMMENT ON TABLE course_shares IS 'Courses of the platform''s library that an institution was given';
COMMENT ON COLUMN course_shares.tenant_id IS 'The institution that was given it';
COMMENT ON COLUMN course_shares.source_id IS 'The course in the library';
COMMENT ON COLUMN course_shares.source_tenant_id IS 'The library';
COMMENT ON COLUMN course_shares.source_version IS 'Version of the source''s row that was followed last; 0 before the first time';
COMMENT ON COLUMN course_shares.course_id IS 'The institution''s copy; none until it is made';
COMMENT ON COLUMN course_shares.shared_at IS 'When it was shared';
COMMENT ON COLUMN course_shares.ended_at IS 'When it was taken back: the copy is archived, and the record stays';
COMMENT ON COLUMN course_shares.copied_at IS 'When the content was last copied';
