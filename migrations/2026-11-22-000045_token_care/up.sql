-- A token may be limited to addresses and to courses, is replaced with an overlap, and tells what it was used for.
ALTER TABLE tokens
  ADD COLUMN ip_allowlist   text[] NOT NULL DEFAULT '{}',
  ADD COLUMN course_ids     uuid[],
  ADD COLUMN used_abilities text[] NOT NULL DEFAULT '{}',
  ADD COLUMN replaces       uuid,
  ADD COLUMN replaced_by    uuid,
  ADD COLUMN rotated_at     timestamptz,
  ADD COLUMN leaked_at      timestamptz,
  ADD COLUMN told           smallint NOT NULL DEFAULT 0,
  ADD FOREIGN KEY (tenant_id, replaces) REFERENCES tokens (tenant_id, id),
  ADD FOREIGN KEY (tenant_id, replaced_by) REFERENCES tokens (tenant_id, id);
COMMENT ON COLUMN tokens.ip_allowlist IS 'Networks (CIDR) that it may be used from; none means anywhere';
COMMENT ON COLUMN tokens.course_ids IS 'The only courses that there are for its holder; null means all';
COMMENT ON COLUMN tokens.used_abilities IS 'Abilities that it was ever used for';
COMMENT ON COLUMN tokens.replaces IS 'The token that it was made in place of';
COMMENT ON COLUMN tokens.replaced_by IS 'The token that was made in its place; until it expires both work';
COMMENT ON COLUMN tokens.rotated_at IS 'When that was made';
COMMENT ON COLUMN tokens.leaked_at IS 'When somebody reported that it lies in the open';
COMMENT ON COLUMN tokens.told IS 'Its people were told that it expires: 1 a week before, 2 a day before';
-- Looked through by the hour for all institutions: few tokens end soon.
CREATE INDEX tokens_ending ON tokens (expires_at) WHERE kind = 'integration' AND revoked_at IS NULL AND told < 2;
-- Who deletes old tokens of applications looks for those that name them.
CREATE INDEX tokens_replaces ON tokens (tenant_id, replaces) WHERE replaces IS NOT NULL;
CREATE INDEX tokens_replaced_by ON tokens (tenant_id, replaced_by) WHERE replaced_by IS NOT NULL;

-- The wall around courses. A transaction for a holder of such a token names its courses in `stoa.courses`; to it there
-- are no others, nor what hangs below them. Where nothing is named the first part is true, once for a statement.
-- The policies restrict: they let through nothing that the wall between institutions would not.
CREATE PROCEDURE stoa_course_wall(wall_of regclass, inside text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE POLICY course_wall ON %s AS RESTRICTIVE TO stoa_app
       USING ((SELECT coalesce(current_setting(''stoa.courses'', true), '''') = '''') OR %s)', wall_of, inside);
END
$$;
-- What is no course's may be read, where a door lets it be, and never written.
CREATE PROCEDURE stoa_course_wall_of_writes(wall_of regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY course_wall_insert ON %s AS RESTRICTIVE FOR INSERT TO stoa_app
    WITH CHECK ((SELECT coalesce(current_setting(''stoa.courses'', true), '''') = ''''))', wall_of);
  EXECUTE format('CREATE POLICY course_wall_update ON %s AS RESTRICTIVE FOR UPDATE TO stoa_app
    USING (true) WITH CHECK ((SELECT coalesce(current_setting(''stoa.courses'', true), '''') = ''''))', wall_of);
  EXECUTE format('CREATE POLICY course_wall_delete ON %s AS RESTRICTIVE FOR DELETE TO stoa_app
    USING ((SELECT coalesce(current_setting(''stoa.courses'', true), '''') = ''''))', wall_of);
END
$$;
REVOKE ALL ON PROCEDURE stoa_course_wall, stoa_course_wall_of_writes FROM PUBLIC;

CALL stoa_course_wall('courses', 'id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
CALL stoa_course_wall('lessons', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
CALL stoa_course_wall('enrolments', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
CALL stoa_course_wall('standings', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
CALL stoa_course_wall('group_enrolments', 'course_id IN (SELECT unnest(nullif(current_setting(''stoa.courses'', true), '''')::uuid[]))');
CALL stoa_course_wall('trainings', 'lesson_id IN (SELECT l.id FROM lessons l)');
CALL stoa_course_wall('training_items', 'training_id IN (SELECT t.id FROM trainings t)');
-- A learning path is several courses; whoever has some of them has not the path.
CALL stoa_course_wall('learning_paths', 'false');
CALL stoa_course_wall('learning_path_courses', 'false');
CALL stoa_course_wall('path_enrolments', 'false');
CALL stoa_course_wall_of_writes('users');
CALL stoa_course_wall_of_writes('memberships');
CALL stoa_course_wall_of_writes('groups');
CALL stoa_course_wall_of_writes('group_members');
CALL stoa_course_wall_of_writes('tokens');
CALL stoa_course_wall_of_writes('applications');
CALL stoa_course_wall_of_writes('webhooks');
CALL stoa_course_wall_of_writes('subscriptions');
