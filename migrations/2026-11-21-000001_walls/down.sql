DROP PROCEDURE stoa_wall;
REVOKE USAGE ON SCHEMA public FROM stoa_app, stoa_relay;
-- The roles stay: they belong to the cluster, and another database may use them.
