CREATE TABLE groups (
  tenant_id   uuid NOT NULL REFERENCES institutions,
  id          uuid NOT NULL,
  external_id text,
  name        text NOT NULL,
  everyone    boolean NOT NULL DEFAULT false,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  UNIQUE (tenant_id, external_id)
);
CREATE UNIQUE INDEX groups_everyone ON groups (tenant_id) WHERE everyone;
ALTER TABLE groups ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('groups', 'SELECT, INSERT, UPDATE, DELETE', '');
COMMENT ON TABLE groups IS 'Learners who are put on courses together';
COMMENT ON COLUMN groups.tenant_id IS 'The institution';
COMMENT ON COLUMN groups.id IS 'Shown as grp_…';
COMMENT ON COLUMN groups.external_id IS 'The institution''s own key';
COMMENT ON COLUMN groups.name IS 'Shown to people';
COMMENT ON COLUMN groups.everyone IS 'Stands for the whole institution: has no rows of members, is not listed and is shown as everyone';
COMMENT ON COLUMN groups.created_at IS 'When the row was made';
COMMENT ON COLUMN groups.updated_at IS 'When the row last changed';

CREATE TABLE group_members (
  tenant_id  uuid NOT NULL,
  group_id   uuid NOT NULL,
  user_id    uuid NOT NULL,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, group_id) REFERENCES groups ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX group_members_of_user ON group_members (tenant_id, user_id, group_id);
ALTER TABLE group_members ADD PRIMARY KEY (tenant_id, group_id, user_id);
CALL stoa_wall('group_members', 'SELECT, INSERT, DELETE', '');
COMMENT ON TABLE group_members IS 'Who is in which group';
COMMENT ON COLUMN group_members.tenant_id IS 'The institution';
COMMENT ON COLUMN group_members.group_id IS 'The group';
COMMENT ON COLUMN group_members.user_id IS 'The person';
COMMENT ON COLUMN group_members.created_at IS 'When the person joined';

CREATE TABLE learning_paths (
  tenant_id   uuid NOT NULL REFERENCES institutions,
  id          uuid NOT NULL,
  external_id text,
  title       text NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  UNIQUE (tenant_id, external_id)
);
ALTER TABLE learning_paths ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('learning_paths', 'SELECT, INSERT, UPDATE, DELETE', '');
COMMENT ON TABLE learning_paths IS 'Several courses, one after the other';
COMMENT ON COLUMN learning_paths.tenant_id IS 'The institution';
COMMENT ON COLUMN learning_paths.id IS 'Shown as lpt_…';
COMMENT ON COLUMN learning_paths.external_id IS 'The institution''s own key';
COMMENT ON COLUMN learning_paths.title IS 'Shown to people';
COMMENT ON COLUMN learning_paths.created_at IS 'When the row was made';
COMMENT ON COLUMN learning_paths.updated_at IS 'When the row last changed';

CREATE TABLE learning_path_courses (
  tenant_id uuid NOT NULL,
  path_id   uuid NOT NULL,
  course_id uuid NOT NULL,
  position  integer NOT NULL,
  FOREIGN KEY (tenant_id, path_id) REFERENCES learning_paths ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, course_id) REFERENCES courses
);
CREATE INDEX learning_path_courses_of_course ON learning_path_courses (tenant_id, course_id, path_id);
ALTER TABLE learning_path_courses ADD PRIMARY KEY (tenant_id, path_id, course_id);
CALL stoa_wall('learning_path_courses', 'SELECT, INSERT, DELETE', '');
COMMENT ON TABLE learning_path_courses IS 'Which courses a learning path has';
COMMENT ON COLUMN learning_path_courses.tenant_id IS 'The institution';
COMMENT ON COLUMN learning_path_courses.path_id IS 'The learning path';
COMMENT ON COLUMN learning_path_courses.course_id IS 'The course';
COMMENT ON COLUMN learning_path_courses.position IS 'Order within the path, from 1';

CREATE TABLE group_enrolments (
  tenant_id   uuid NOT NULL,
  group_id    uuid NOT NULL,
  target_id   uuid NOT NULL,
  course_id   uuid,
  path_id     uuid,
  enrolled_by uuid,
  created_at  timestamptz NOT NULL,
  CHECK (target_id = coalesce(course_id, path_id) AND num_nonnulls(course_id, path_id) = 1),
  FOREIGN KEY (tenant_id, group_id) REFERENCES groups ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, course_id) REFERENCES courses,
  FOREIGN KEY (tenant_id, path_id) REFERENCES learning_paths ON DELETE CASCADE
);
CREATE INDEX group_enrolments_on_target ON group_enrolments (tenant_id, target_id, group_id);
ALTER TABLE group_enrolments ADD PRIMARY KEY (tenant_id, group_id, target_id);
CALL stoa_wall('group_enrolments', 'SELECT, INSERT, DELETE', '');
COMMENT ON TABLE group_enrolments IS 'Groups put on a course or a learning path: whoever joins later is put on it too';
COMMENT ON COLUMN group_enrolments.tenant_id IS 'The institution';
COMMENT ON COLUMN group_enrolments.group_id IS 'The group';
COMMENT ON COLUMN group_enrolments.target_id IS 'The course or the learning path';
COMMENT ON COLUMN group_enrolments.course_id IS 'The course, if it is one';
COMMENT ON COLUMN group_enrolments.path_id IS 'The learning path, if it is one';
COMMENT ON COLUMN group_enrolments.enrolled_by IS 'Who did it; none for an integration';
COMMENT ON COLUMN group_enrolments.created_at IS 'When it happened';

CREATE TABLE path_enrolments (
  tenant_id   uuid NOT NULL,
  path_id     uuid NOT NULL,
  user_id     uuid NOT NULL,
  enrolled_by uuid,
  created_at  timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, path_id) REFERENCES learning_paths ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX path_enrolments_of_user ON path_enrolments (tenant_id, user_id, path_id);
ALTER TABLE path_enrolments ADD PRIMARY KEY (tenant_id, path_id, user_id);
CALL stoa_wall('path_enrolments', 'SELECT, INSERT, DELETE', '');
COMMENT ON TABLE path_enrolments IS 'Learners put on a learning path by themselves, not by a group';
COMMENT ON COLUMN path_enrolments.tenant_id IS 'The institution';
COMMENT ON COLUMN path_enrolments.path_id IS 'The learning path';
COMMENT ON COLUMN path_enrolments.user_id IS 'The learner';
COMMENT ON COLUMN path_enrolments.enrolled_by IS 'Who did it; none for an integration';
COMMENT ON COLUMN path_enrolments.created_at IS 'When it happened';

ALTER TABLE enrolments ADD COLUMN derived boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN enrolments.derived IS 'Came by a group or a learning path, and goes with the last of them; false for a learner named by himself';
