ALTER TABLE enrolments DROP COLUMN derived;
DROP TABLE path_enrolments, group_enrolments, learning_path_courses, learning_paths, group_members, groups;
