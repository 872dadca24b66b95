-- The sums themselves. They speak of the whole institution, so whoever leads groups alone sees none of them.
CREATE TABLE activity_gaps (
  tenant_id uuid NOT NULL,
  edition   integer NOT NULL,
  day       date NOT NULL,
  gap       integer NOT NULL CHECK (gap BETWEEN 0 AND 400),
  learners  bigint NOT NULL,
  PRIMARY KEY (tenant_id, edition, day, gap)
) WITH (fillfactor = 70);
CALL stoa_wall('activity_gaps', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led('activity_gaps', 'false');
COMMENT ON TABLE activity_gaps IS 'Learners of each day by the days since they were last active. Different learners of any days a to b: the sum over d of those with gap 0 or above d - a';
COMMENT ON COLUMN activity_gaps.tenant_id IS 'The institution';
COMMENT ON COLUMN activity_gaps.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN activity_gaps.day IS 'The day on which they were active';
COMMENT ON COLUMN activity_gaps.gap IS 'Days since each one''s last active day before it, at most 400; 0 where there is none';
COMMENT ON COLUMN activity_gaps.learners IS 'How many';

CREATE TABLE activity_levels (
  tenant_id   uuid NOT NULL,
  edition     integer NOT NULL,
  day         date NOT NULL,
  active_days integer NOT NULL CHECK (active_days BETWEEN 1 AND 28),
  learners    bigint NOT NULL,
  PRIMARY KEY (tenant_id, edition, day, active_days)
) WITH (fillfactor = 70);
CALL stoa_wall('activity_levels', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led('activity_levels', 'false');
COMMENT ON TABLE activity_levels IS 'Learners by the number of their active days within the 28 days that end on a day';
COMMENT ON COLUMN activity_levels.tenant_id IS 'The institution';
COMMENT ON COLUMN activity_levels.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN activity_levels.day IS 'Last of the 28 days';
COMMENT ON COLUMN activity_levels.active_days IS 'Of these, so many with learning; who has none is not here';
COMMENT ON COLUMN activity_levels.learners IS 'How many';

CREATE TABLE activity_totals (
  tenant_id  uuid NOT NULL,
  edition    integer NOT NULL,
  day        date NOT NULL,
  course_id  uuid NOT NULL,
  learners   bigint NOT NULL,
  events     bigint NOT NULL,
  seconds    bigint NOT NULL,
  lessons_completed bigint NOT NULL,
  courses_completed bigint NOT NULL,
  PRIMARY KEY (tenant_id, edition, day, course_id)
) WITH (fillfactor = 70);
CALL stoa_wall('activity_totals', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led('activity_totals', 'false');
COMMENT ON TABLE activity_totals IS 'What was done in each course on each day';
COMMENT ON COLUMN activity_totals.tenant_id IS 'The institution';
COMMENT ON COLUMN activity_totals.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN activity_totals.day IS 'The day';
COMMENT ON COLUMN activity_totals.course_id IS 'The course; the nil id where nothing tells it any more';
COMMENT ON COLUMN activity_totals.learners IS 'Learners active in it';
COMMENT ON COLUMN activity_totals.events IS 'Learning events';
COMMENT ON COLUMN activity_totals.seconds IS 'Sum of reported durations';
COMMENT ON COLUMN activity_totals.lessons_completed IS 'Lessons completed for the first time';
COMMENT ON COLUMN activity_totals.courses_completed IS 'Enrolments completed for the first time';

CREATE TABLE activity_retention (
  tenant_id   uuid NOT NULL,
  edition     integer NOT NULL,
  began_month date NOT NULL,
  month       date NOT NULL,
  learners    bigint NOT NULL,
  PRIMARY KEY (tenant_id, edition, began_month, month)
) WITH (fillfactor = 70);
CALL stoa_wall('activity_retention', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led('activity_retention', 'false');
COMMENT ON TABLE activity_retention IS 'Learners by the month in which they were first active, and each month in which they were active; in the first month all of them are';
COMMENT ON COLUMN activity_retention.tenant_id IS 'The institution';
COMMENT ON COLUMN activity_retention.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN activity_retention.began_month IS 'First of the month in which they were first active';
COMMENT ON COLUMN activity_retention.month IS 'First of a month in which they were active';
COMMENT ON COLUMN activity_retention.learners IS 'How many';

CREATE TABLE course_starts (
  tenant_id   uuid NOT NULL,
  edition     integer NOT NULL,
  enrolled_on date NOT NULL,
  course_id   uuid NOT NULL,
  enrolled    bigint NOT NULL,
  started     bigint NOT NULL,
  completed   bigint NOT NULL,
  PRIMARY KEY (tenant_id, edition, enrolled_on, course_id)
) WITH (fillfactor = 70);
CALL stoa_wall('course_starts', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led('course_starts', 'false');
COMMENT ON TABLE course_starts IS 'Enrolments by course and the date on which they were made, and what became of them since';
COMMENT ON COLUMN course_starts.tenant_id IS 'The institution';
COMMENT ON COLUMN course_starts.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN course_starts.enrolled_on IS 'Date of the enrolments';
COMMENT ON COLUMN course_starts.course_id IS 'The course';
COMMENT ON COLUMN course_starts.enrolled IS 'How many';
COMMENT ON COLUMN course_starts.started IS 'Of these, begun until now';
COMMENT ON COLUMN course_starts.completed IS 'Of these, completed until now';

CREATE TABLE enrolments_due (
  tenant_id uuid NOT NULL,
  edition   integer NOT NULL,
  day       date NOT NULL,
  fell_due  bigint NOT NULL,
  settled   bigint NOT NULL,
  PRIMARY KEY (tenant_id, edition, day)
) WITH (fillfactor = 70);
CALL stoa_wall('enrolments_due', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led('enrolments_due', 'false');
COMMENT ON TABLE enrolments_due IS 'Enrolments that fell due uncompleted on each day, and that were overdue until then. Overdue at the end of a day: the sum up to it of the one less the other';
COMMENT ON COLUMN enrolments_due.tenant_id IS 'The institution';
COMMENT ON COLUMN enrolments_due.edition IS 'The edition that it belongs to';
COMMENT ON COLUMN enrolments_due.day IS 'The day, also one to come';
COMMENT ON COLUMN enrolments_due.fell_due IS 'Due on it and not completed by then';
COMMENT ON COLUMN enrolments_due.settled IS 'Overdue until they were completed on it';
