DROP INDEX CONCURRENTLY enrolments_of_course;
