-- Who is on a course, by age of the enrolment: a page of a million is read and no more, and they are counted by the index alone.
-- What it leaves out is nothing: the condition keeps it for those who ask by age and say so. A look-up of one learner would
-- otherwise take it for as good as the unique key, where PostgreSQL knows little of the table yet, and read the whole course.
CREATE INDEX CONCURRENTLY enrolments_of_course ON enrolments (tenant_id, course_id, enrolled_at, id) INCLUDE (status, user_id)
  WHERE enrolled_at > '-infinity';
