ALTER TABLE courses
  ADD COLUMN completion_rule text NOT NULL DEFAULT 'required_lessons'
    CHECK (completion_rule IN ('required_lessons', 'weight', 'listed_lessons', 'passing_score')),
  ADD COLUMN completion_threshold integer CHECK (completion_threshold BETWEEN 1 AND 10000),
  ADD COLUMN completion_lesson_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN lesson_order text NOT NULL DEFAULT 'free' CHECK (lesson_order IN ('free', 'sequential')),
  ADD COLUMN edition integer NOT NULL DEFAULT 0,
  ADD COLUMN review_note text,
  ADD CHECK ((completion_rule IN ('weight', 'passing_score')) = (completion_threshold IS NOT NULL));
COMMENT ON COLUMN courses.completion_rule IS 'What completes the course for a learner';
COMMENT ON COLUMN courses.completion_threshold IS 'Share of the weight, or score, that the rule wants: basis points';
COMMENT ON COLUMN courses.completion_lesson_ids IS 'Lessons that count where the rule lists them';
COMMENT ON COLUMN courses.lesson_order IS 'In a sequential course a lesson opens when the required ones before it are done';
COMMENT ON COLUMN courses.edition IS 'Number of the latest published version; 0 where it was never published';
COMMENT ON COLUMN courses.review_note IS 'What the reviewer said last';

CREATE TABLE course_versions (
  tenant_id      uuid NOT NULL,
  course_id      uuid NOT NULL,
  edition        integer NOT NULL,
  course_version integer NOT NULL,
  content        jsonb NOT NULL,
  changes        jsonb NOT NULL,
  note           text,
  published_by   uuid,
  published_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, course_id, edition),
  FOREIGN KEY (tenant_id, course_id) REFERENCES courses,
  FOREIGN KEY (tenant_id, published_by) REFERENCES users
);
CALL stoa_wall('course_versions', 'SELECT, INSERT', '');
CALL stoa_course_wall('course_versions', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
COMMENT ON TABLE course_versions IS 'A course as it was each time that it was published';
COMMENT ON COLUMN course_versions.tenant_id IS 'The institution';
COMMENT ON COLUMN course_versions.course_id IS 'The course';
COMMENT ON COLUMN course_versions.edition IS 'From 1';
COMMENT ON COLUMN course_versions.course_version IS 'Version of the course''s own row at that time';
COMMENT ON COLUMN course_versions.content IS 'The course with all that it held, without keys to answers';
COMMENT ON COLUMN course_versions.changes IS 'What differs from the edition before: [{object, id, change, fields}]';
COMMENT ON COLUMN course_versions.note IS 'Words of whoever published it';
COMMENT ON COLUMN course_versions.published_by IS 'Who published it; none for an integration';
COMMENT ON COLUMN course_versions.published_at IS 'When it was published';

CREATE TABLE course_slugs (
  tenant_id  uuid NOT NULL,
  slug       text NOT NULL,
  course_id  uuid NOT NULL,
  retired_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, slug),
  FOREIGN KEY (tenant_id, course_id) REFERENCES courses
);
CALL stoa_wall('course_slugs', 'SELECT, INSERT, UPDATE', '');
CALL stoa_course_wall('course_slugs', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
COMMENT ON TABLE course_slugs IS 'Slugs that courses had, so that old addresses lead to the new ones';
COMMENT ON COLUMN course_slugs.tenant_id IS 'The institution';
COMMENT ON COLUMN course_slugs.slug IS 'The slug; a living course that has it goes first';
COMMENT ON COLUMN course_slugs.course_id IS 'Who had it last';
COMMENT ON COLUMN course_slugs.retired_at IS 'When the course got another';

ALTER TABLE standings ADD COLUMN waived_at timestamptz;
COMMENT ON COLUMN standings.waived_at IS 'Since when the lesson need not be done by the learner, and counts as if it were';

CREATE TABLE lesson_waivers (
  tenant_id  uuid NOT NULL,
  user_id    uuid NOT NULL,
  lesson_id  uuid NOT NULL,
  course_id  uuid NOT NULL,
  reason     text NOT NULL,
  granted_by uuid,
  granted_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  FOREIGN KEY (tenant_id, lesson_id) REFERENCES lessons,
  FOREIGN KEY (tenant_id, course_id) REFERENCES courses,
  FOREIGN KEY (tenant_id, granted_by) REFERENCES users
);
CREATE INDEX lesson_waivers_of_course ON lesson_waivers (tenant_id, course_id, user_id, lesson_id);
ALTER TABLE lesson_waivers ADD PRIMARY KEY (tenant_id, user_id, lesson_id);
CALL stoa_wall('lesson_waivers', 'SELECT, INSERT, DELETE', '');
CALL stoa_led_people('lesson_waivers', 'user_id');
CALL stoa_course_wall('lesson_waivers', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
COMMENT ON TABLE lesson_waivers IS 'Lessons that a learner need not do';
COMMENT ON COLUMN lesson_waivers.tenant_id IS 'The institution';
COMMENT ON COLUMN lesson_waivers.user_id IS 'The learner';
COMMENT ON COLUMN lesson_waivers.lesson_id IS 'The lesson';
COMMENT ON COLUMN lesson_waivers.course_id IS 'The course of the lesson';
COMMENT ON COLUMN lesson_waivers.reason IS 'Why, in words of whoever waived it';
COMMENT ON COLUMN lesson_waivers.granted_by IS 'Who waived it; none for an integration';
COMMENT ON COLUMN lesson_waivers.granted_at IS 'When it was waived';
