-- The wall around a manager's groups. Somebody who leads groups sees the people of his groups alone, and himself. His
-- transactions name him in `stoa.led_by` and his groups in `stoa.led_groups`; where nobody is named, these policies let
-- everything through that the wall of the institution does.
--
-- They only ever take away (RESTRICTIVE), and hold for what is written as for what is read. Whether anybody is named is
-- asked once for a statement. Whether somebody is in one of his groups is looked up by the person, and only if somebody is
-- named: written as EXISTS or IN it might be hashed instead, by reading all who are in any group.
CREATE PROCEDURE stoa_led(wall_of regclass, condition text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE POLICY led ON %s AS RESTRICTIVE TO stoa_app USING (
       (SELECT coalesce(current_setting(''stoa.led_by'', true), '''') = '''') OR %s)', wall_of, condition);
END
$$;
CREATE PROCEDURE stoa_led_people(wall_of regclass, person text) LANGUAGE plpgsql AS $$
BEGIN
  CALL stoa_led(wall_of, format(
    '%1$s.%2$I = (SELECT nullif(current_setting(''stoa.led_by'', true), '''')::uuid)
     OR (SELECT true FROM group_members m WHERE m.tenant_id = %1$s.tenant_id AND m.user_id = %1$s.%2$I
         AND m.group_id = ANY ((SELECT nullif(current_setting(''stoa.led_groups'', true), '''')::uuid[])::uuid[]) LIMIT 1)',
    wall_of, person));
END
$$;
REVOKE ALL ON PROCEDURE stoa_led, stoa_led_people FROM PUBLIC;

CALL stoa_led('group_members',
  'group_id = ANY ((SELECT nullif(current_setting(''stoa.led_groups'', true), '''')::uuid[])::uuid[])');
-- The group that stands for everyone is there for all: what it is put on, newcomers are put on. It names nobody.
CALL stoa_led('groups',
  'everyone OR id = ANY ((SELECT nullif(current_setting(''stoa.led_groups'', true), '''')::uuid[])::uuid[])');
CALL stoa_led('group_enrolments', '(SELECT true FROM groups g
  WHERE g.tenant_id = group_enrolments.tenant_id AND g.id = group_enrolments.group_id)');

CALL stoa_led_people('users', 'id');
CALL stoa_led_people('memberships', 'user_id');
CALL stoa_led_people('enrolments', 'user_id');
CALL stoa_led_people('path_enrolments', 'user_id');
CALL stoa_led_people('standings', 'user_id');
CALL stoa_led_people('invitations', 'user_id');
-- A file of people speaks of the whole institution.
CALL stoa_led('imports', 'false');
CALL stoa_led('import_rows', 'false');
CALL stoa_led('import_files', 'false');
CALL stoa_led('import_file_parts', 'false');
CALL stoa_led('data_set_members', 'false');
