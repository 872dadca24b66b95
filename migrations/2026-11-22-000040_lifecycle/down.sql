ALTER TABLE staff DROP CONSTRAINT staff_role_check;
UPDATE staff SET role = 'support', revoked_at = coalesce(revoked_at, created_at) WHERE role = 'reseller';
ALTER TABLE staff ADD CONSTRAINT staff_role_check CHECK (role IN ('support', 'operator'));
REVOKE INSERT ON institutions FROM stoa_app;
DROP INDEX institutions_search, institutions_by_status, institutions_to_erase;
ALTER TABLE institutions
  DROP COLUMN slug, DROP COLUMN region, DROP COLUMN plan, DROP COLUMN reseller_id, DROP COLUMN made_of,
  DROP COLUMN seats_total, DROP COLUMN branding, DROP COLUMN retention, DROP COLUMN request_limits,
  DROP COLUMN token_max_days, DROP COLUMN trial_started_at, DROP COLUMN trial_ends_at,
  DROP COLUMN suspended_at, DROP COLUMN suspended_reason, DROP COLUMN suspended_from,
  DROP COLUMN closing_at, DROP COLUMN closing_from, DROP COLUMN closing_reason, DROP COLUMN erase_after, DROP COLUMN closed_at,
  DROP COLUMN revision;
