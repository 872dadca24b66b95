ALTER TABLE memberships
  ADD COLUMN provisioned_by text NOT NULL DEFAULT 'manual'
    CHECK (provisioned_by IN ('manual', 'csv', 'invitation', 'scim', 'lti', 'sso', 'operator')),
  ADD COLUMN invited_at timestamptz,
  ADD COLUMN joined_at  timestamptz,
  ADD COLUMN removed_at timestamptz,
  ADD COLUMN sticky     text[] NOT NULL DEFAULT '{}',
  ADD COLUMN revision   integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN memberships.provisioned_by IS 'By which way the person came; whoever comes back another way takes that one';
COMMENT ON COLUMN memberships.invited_at IS 'When the person was first asked to join; none for those who were never asked';
COMMENT ON COLUMN memberships.joined_at IS 'When the person first became active; none for one made before this was kept, who joined when the row was made';
COMMENT ON COLUMN memberships.removed_at IS 'When the person left; none for one who is there';
COMMENT ON COLUMN memberships.sticky IS 'Fields that were edited by hand, which an import leaves as they are';
COMMENT ON COLUMN memberships.revision IS 'How often the membership was changed, from 1; orders what is told of it';

-- Lists of one status, which also counts the seats; and of one role, but of learners, who are most of all there are.
CREATE INDEX memberships_by_status ON memberships (tenant_id, status, user_id);
CREATE INDEX memberships_by_role ON memberships (tenant_id, role, user_id) WHERE role <> 'learner';
-- What changed since: every change of a membership moves the person's updated_at too.
CREATE INDEX users_by_change ON users (tenant_id, updated_at, id);

ALTER TABLE institutions ADD COLUMN seats_reserved integer NOT NULL DEFAULT 0 CHECK (seats_reserved >= 0);
COMMENT ON COLUMN institutions.seats_reserved IS 'Seats that running imports keep for the people whom they are about to add';

ALTER TABLE groups
  ADD COLUMN kind           text NOT NULL DEFAULT 'group' CHECK (kind IN ('group', 'cohort')),
  ADD COLUMN starts_on      date,
  ADD COLUMN ends_on        date,
  ADD COLUMN provisioned_by text NOT NULL DEFAULT 'manual'
    CHECK (provisioned_by IN ('manual', 'csv', 'invitation', 'scim', 'lti', 'sso', 'operator')),
  ADD CHECK (kind = 'cohort' OR num_nonnulls(starts_on, ends_on) = 0),
  ADD CHECK (ends_on >= starts_on);
COMMENT ON COLUMN groups.kind IS 'A cohort is a group that learns for a time';
COMMENT ON COLUMN groups.starts_on IS 'First day of a cohort, in the institution''s time zone';
COMMENT ON COLUMN groups.ends_on IS 'Last day of a cohort, in the institution''s time zone';
COMMENT ON COLUMN groups.provisioned_by IS 'By which way the group came';

CREATE TABLE group_managers (
  tenant_id  uuid NOT NULL,
  group_id   uuid NOT NULL,
  user_id    uuid NOT NULL,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, group_id) REFERENCES groups ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX group_managers_of_group ON group_managers (tenant_id, group_id, user_id);
ALTER TABLE group_managers ADD PRIMARY KEY (tenant_id, user_id, group_id);
CALL stoa_wall('group_managers', 'SELECT, INSERT, DELETE', '');
COMMENT ON TABLE group_managers IS 'Who leads which group: somebody with the role of a manager sees the people of his groups alone';
COMMENT ON COLUMN group_managers.tenant_id IS 'The institution';
COMMENT ON COLUMN group_managers.group_id IS 'The group';
COMMENT ON COLUMN group_managers.user_id IS 'The person';
COMMENT ON COLUMN group_managers.created_at IS 'Since when';
