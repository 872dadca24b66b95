-- What an institution reads of all its learners is added up as they go, so that reading costs the same for ten and for a
-- million. Days are civil dates in the institution's zone. Sums are kept in editions: readers read the institution's
-- current one, and a new one is made beside it.

CREATE TABLE rollups (
  tenant_id       uuid PRIMARY KEY REFERENCES institutions,
  edition         integer NOT NULL,
  time_zone       text NOT NULL,
  built_at        timestamptz,
  rebuild_wanted  boolean NOT NULL,
  last_edition    integer NOT NULL,
  is_clean        boolean NOT NULL,
  draft_edition   integer,
  draft_purpose   text CHECK (draft_purpose IN ('rebuild', 'verify')),
  draft_time_zone text,
  draft_after     uuid,
  draft_begun_at  timestamptz,
  updated_at      timestamptz NOT NULL,
  CHECK (num_nulls(draft_edition, draft_purpose, draft_time_zone, draft_after, draft_begun_at) IN (0, 5))
);
CALL stoa_wall('rollups', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE rollups IS 'Which edition of its sums an institution reads, and the one that is being made beside it';
COMMENT ON COLUMN rollups.tenant_id IS 'The institution';
COMMENT ON COLUMN rollups.edition IS 'The edition that is read';
COMMENT ON COLUMN rollups.time_zone IS 'Zone of its days';
COMMENT ON COLUMN rollups.built_at IS 'When it was made whole; none while it may lack what was there before it was begun';
COMMENT ON COLUMN rollups.rebuild_wanted IS 'A new edition is to be made';
COMMENT ON COLUMN rollups.last_edition IS 'The highest number that an edition was ever given';
COMMENT ON COLUMN rollups.is_clean IS 'Nothing is left of editions that are neither read nor made';
COMMENT ON COLUMN rollups.draft_edition IS 'The edition that is being made; none if none is';
COMMENT ON COLUMN rollups.draft_purpose IS 'What for: to be read from then on, or to be compared with the one that is';
COMMENT ON COLUMN rollups.draft_time_zone IS 'Zone of its days';
COMMENT ON COLUMN rollups.draft_after IS 'Learners up to this one are in it and are followed; the highest id once all are';
COMMENT ON COLUMN rollups.draft_begun_at IS 'When it was begun';
COMMENT ON COLUMN rollups.updated_at IS 'When the row last changed';

CREATE TABLE activity_days (
  tenant_id  uuid NOT NULL,
  edition    integer NOT NULL,
  user_id    uuid NOT NULL,
  day        date NOT NULL,
  course_id  uuid NOT NULL,
  events     bigint NOT NULL,
  seconds    bigint NOT NULL,
  lessons_completed integer NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX activity_days_of_all ON activity_days (tenant_id, edition, day, user_id);
ALTER TABLE activity_days ADD PRIMARY KEY (tenant_id, edition, user_id, day, course_id);
CALL stoa_wall('activity_days', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led_people('activity_days', 'user_id');
COMMENT ON TABLE activity_days IS 'What each learner did on each day in each course: what the sums are added up from';
COMMENT ON COLUMN activity_days.tenant_id IS 'The institution';
COMMENT ON COLUMN activity_days.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN activity_days.user_id IS 'The learner';
COMMENT ON COLUMN activity_days.day IS 'Civil date in the edition''s zone on which it happened, whenever it was told';
COMMENT ON COLUMN activity_days.course_id IS 'The course; the nil id where nothing tells it any more';
COMMENT ON COLUMN activity_days.events IS 'Learning events; being enrolled is none';
COMMENT ON COLUMN activity_days.seconds IS 'Sum of reported durations';
COMMENT ON COLUMN activity_days.lessons_completed IS 'Lessons completed for the first time';

CREATE TABLE enrolments_counted (
  tenant_id    uuid NOT NULL,
  edition      integer NOT NULL,
  user_id      uuid NOT NULL,
  course_id    uuid NOT NULL,
  enrolled_on  date NOT NULL,
  started      boolean NOT NULL,
  completed_on date,
  fell_due_at  timestamptz,
  fell_due_on  date,
  settled_on   date
) WITH (fillfactor = 85);
CREATE INDEX enrolments_counted_by_due ON enrolments_counted (tenant_id, edition, fell_due_at) WHERE fell_due_at IS NOT NULL;
ALTER TABLE enrolments_counted ADD PRIMARY KEY (tenant_id, edition, user_id, course_id);
CALL stoa_wall('enrolments_counted', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led_people('enrolments_counted', 'user_id');
COMMENT ON TABLE enrolments_counted IS 'Each enrolment as it stands in the sums; one that was taken off before it was completed is not in them';
COMMENT ON COLUMN enrolments_counted.tenant_id IS 'The institution';
COMMENT ON COLUMN enrolments_counted.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN enrolments_counted.user_id IS 'The learner';
COMMENT ON COLUMN enrolments_counted.course_id IS 'The course';
COMMENT ON COLUMN enrolments_counted.enrolled_on IS 'Date of the enrolment';
COMMENT ON COLUMN enrolments_counted.started IS 'The learner has begun the course';
COMMENT ON COLUMN enrolments_counted.completed_on IS 'Date of the first completion';
COMMENT ON COLUMN enrolments_counted.fell_due_at IS 'When it is, was or will be overdue from: due, and not completed by then';
COMMENT ON COLUMN enrolments_counted.fell_due_on IS 'Date of that';
COMMENT ON COLUMN enrolments_counted.settled_on IS 'Date on which it was overdue no more: completed after that';
