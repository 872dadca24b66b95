DROP TABLE enrolments_due;
DROP TABLE course_starts;
DROP TABLE activity_retention;
DROP TABLE activity_totals;
DROP TABLE activity_levels;
DROP TABLE activity_gaps;
