DROP INDEX standings_on_courses;
