DO $$
DECLARE
  wall record;
BEGIN
  FOR wall IN SELECT polname, polrelid::regclass AS wall_of FROM pg_policy WHERE polname LIKE 'course\_wall%' LOOP
    EXECUTE format('DROP POLICY %I ON %s', wall.polname, wall.wall_of);
  END LOOP;
END
$$;
DROP PROCEDURE stoa_course_wall_of_writes;
DROP PROCEDURE stoa_course_wall;
DROP INDEX tokens_ending;
ALTER TABLE tokens
  DROP COLUMN ip_allowlist,
  DROP COLUMN course_ids,
  DROP COLUMN used_abilities,
  DROP COLUMN replaces,
  DROP COLUMN replaced_by,
  DROP COLUMN rotated_at,
  DROP COLUMN leaked_at,
  DROP COLUMN told;
