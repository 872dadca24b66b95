DROP TABLE lesson_waivers;
ALTER TABLE standings DROP COLUMN waived_at;
DROP TABLE course_slugs;
DROP TABLE course_versions;
ALTER TABLE courses
  DROP COLUMN review_note,
  DROP COLUMN edition,
  DROP COLUMN lesson_order,
  DROP COLUMN completion_lesson_ids,
  DROP COLUMN completion_threshold,
  DROP COLUMN completion_rule;
