-- The life of an institution: how it is set up, tried, suspended and left, and by whom it was brought.

ALTER TABLE institutions
  ADD COLUMN slug             text NOT NULL DEFAULT gen_random_uuid()::text UNIQUE,
  ADD COLUMN region           text,
  ADD COLUMN plan             text,
  ADD COLUMN reseller_id      uuid,
  ADD COLUMN made_of          bytea,
  ADD COLUMN seats_total      integer CHECK (seats_total > 0),
  ADD COLUMN branding         jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN retention        jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN request_limits   jsonb,
  ADD COLUMN token_max_days   integer CHECK (token_max_days > 0),
  ADD COLUMN trial_started_at timestamptz,
  ADD COLUMN trial_ends_at    timestamptz,
  ADD COLUMN suspended_at     timestamptz,
  ADD COLUMN suspended_reason text,
  ADD COLUMN suspended_from   text CHECK (suspended_from IN ('trial', 'active', 'closing')),
  ADD COLUMN closing_at       timestamptz,
  ADD COLUMN closing_from     text CHECK (closing_from IN ('trial', 'active')),
  ADD COLUMN closing_reason   text,
  ADD COLUMN erase_after      timestamptz,
  ADD COLUMN closed_at        timestamptz,
  ADD COLUMN revision         integer NOT NULL DEFAULT 0;

-- What is there already gets a readable name of its own. The owner stands behind the wall too.
ALTER TABLE institutions NO FORCE ROW LEVEL SECURITY;
UPDATE institutions SET slug = 'institution-' || number;
ALTER TABLE institutions FORCE ROW LEVEL SECURITY;

-- The operators' search: the newest first, by a word of the name or of a key, or by where they stand.
CREATE INDEX institutions_search ON institutions USING gin (to_tsvector('simple'::regconfig,
  regexp_replace(lower(name || ' ' || slug || ' ' || coalesce(external_id, '')), '[^[:alnum:]]+', ' ', 'g')));
CREATE INDEX institutions_by_status ON institutions (status, tenant_id);
CREATE INDEX institutions_by_plan ON institutions (plan, tenant_id) WHERE plan IS NOT NULL;
CREATE INDEX institutions_by_region ON institutions (region, tenant_id) WHERE region IS NOT NULL;
CREATE INDEX institutions_by_reseller ON institutions (reseller_id, tenant_id) WHERE reseller_id IS NOT NULL;
CREATE INDEX institutions_to_erase ON institutions (erase_after) WHERE closing_at IS NOT NULL AND closed_at IS NULL;

-- Whoever makes an institution makes it behind its own wall, with its first member, in one transaction.
GRANT INSERT ON institutions TO stoa_app;

ALTER TABLE staff DROP CONSTRAINT staff_role_check,
  ADD CONSTRAINT staff_role_check CHECK (role IN ('reseller', 'support', 'operator'));

COMMENT ON COLUMN institutions.slug IS 'Readable name in addresses, unique on the platform';
COMMENT ON COLUMN institutions.region IS 'Where its data should lie, a word of the operator''s';
COMMENT ON COLUMN institutions.plan IS 'What it has bought, a word of the operator''s';
COMMENT ON COLUMN institutions.reseller_id IS 'The reseller who brought it and looks after it';
COMMENT ON COLUMN institutions.made_of IS 'SHA-256 of the request that made it, so that the same request again is known';
COMMENT ON COLUMN institutions.seats_total IS 'Seats that it may fill; none means no limit';
COMMENT ON COLUMN institutions.branding IS 'How it wants to look: logo_url, primary_color, support_email';
COMMENT ON COLUMN institutions.retention IS 'Days that classes of rows are kept, where it wants fewer than the platform keeps';
COMMENT ON COLUMN institutions.request_limits IS 'Requests per second by class, where they differ from the platform''s';
COMMENT ON COLUMN institutions.token_max_days IS 'Longest life of its tokens; none means no limit';
COMMENT ON COLUMN institutions.trial_started_at IS 'When the one trial began';
COMMENT ON COLUMN institutions.trial_ends_at IS 'When it ends, or ended';
COMMENT ON COLUMN institutions.suspended_at IS 'Since when it is suspended; none while it is not';
COMMENT ON COLUMN institutions.suspended_reason IS 'Why, by whoever suspended it';
COMMENT ON COLUMN institutions.suspended_from IS 'Status to go back to at the resumption';
COMMENT ON COLUMN institutions.closing_at IS 'Since when it is being closed; none while it is not';
COMMENT ON COLUMN institutions.closing_from IS 'Status to go back to when closing is called off';
COMMENT ON COLUMN institutions.closing_reason IS 'Why, by whoever closed it';
COMMENT ON COLUMN institutions.erase_after IS 'Not before this time everything that it owns is erased';
COMMENT ON COLUMN institutions.revision IS 'Counts the changes of its life that events told';
COMMENT ON COLUMN institutions.closed_at IS 'When it was erased; the row remains';
