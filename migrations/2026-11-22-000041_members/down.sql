DROP TABLE group_managers;
ALTER TABLE groups DROP COLUMN kind, DROP COLUMN starts_on, DROP COLUMN ends_on, DROP COLUMN provisioned_by;
ALTER TABLE institutions DROP COLUMN seats_reserved;
DROP INDEX users_by_change;
DROP INDEX memberships_by_role;
DROP INDEX memberships_by_status;
ALTER TABLE memberships
  DROP COLUMN provisioned_by, DROP COLUMN invited_at, DROP COLUMN joined_at, DROP COLUMN removed_at, DROP COLUMN sticky,
  DROP COLUMN revision;
