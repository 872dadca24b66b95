DROP INDEX CONCURRENTLY memberships_by_lot;
