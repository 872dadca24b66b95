DROP TABLE enrolments_counted;
DROP TABLE activity_days;
DROP TABLE rollups;
