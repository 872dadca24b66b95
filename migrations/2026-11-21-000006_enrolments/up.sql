CREATE TABLE enrolments (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  course_id    uuid NOT NULL,
  user_id      uuid NOT NULL,
  external_id  text,
  status       text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'completed', 'removed')),
  enrolled_by  uuid,
  enrolled_at  timestamptz NOT NULL,
  due_at       timestamptz,
  completed_at timestamptz,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, course_id, user_id),
  UNIQUE (tenant_id, external_id),
  FOREIGN KEY (tenant_id, course_id) REFERENCES courses,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX enrolments_of_user ON enrolments (tenant_id, user_id, course_id);
CALL stoa_wall('enrolments', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE enrolments IS 'Who is on which course';
COMMENT ON COLUMN enrolments.tenant_id IS 'The institution';
COMMENT ON COLUMN enrolments.id IS 'Shown as enr_…';
COMMENT ON COLUMN enrolments.course_id IS 'The course';
COMMENT ON COLUMN enrolments.user_id IS 'The learner';
COMMENT ON COLUMN enrolments.external_id IS 'The institution''s own key';
COMMENT ON COLUMN enrolments.status IS 'A removed enrolment refuses activity and keeps its record';
COMMENT ON COLUMN enrolments.enrolled_by IS 'Who enrolled the learner; none when an event did';
COMMENT ON COLUMN enrolments.enrolled_at IS 'When it happened';
COMMENT ON COLUMN enrolments.due_at IS 'When the course should be done';
COMMENT ON COLUMN enrolments.completed_at IS 'First completion; never moves';
COMMENT ON COLUMN enrolments.created_at IS 'When the row was made';
COMMENT ON COLUMN enrolments.updated_at IS 'When the row last changed';
