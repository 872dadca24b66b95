-- Reports by letter: what is sent, by which rule of the calendar, and to whom.
CREATE TABLE reports (
  tenant_id       uuid NOT NULL REFERENCES institutions,
  id              uuid NOT NULL,
  name            text NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('institution', 'groups')),
  every           text NOT NULL CHECK (every IN ('week', 'month')),
  weekday         smallint CHECK (weekday BETWEEN 1 AND 7),
  month_day       smallint CHECK (month_day BETWEEN 1 AND 31),
  minute_of_day   smallint NOT NULL CHECK (minute_of_day BETWEEN 0 AND 1439),
  zone_of         text NOT NULL CHECK (zone_of IN ('institution', 'recipient', 'named')),
  time_zone       text,
  csv             text NOT NULL CHECK (csv IN ('none', 'attached', 'linked')),
  send_when_empty boolean NOT NULL,
  quiet_from      smallint CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_to        smallint CHECK (quiet_to BETWEEN 0 AND 1439),
  status          text NOT NULL CHECK (status IN ('active', 'paused')),
  created_by      uuid,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK ((every = 'week') = (weekday IS NOT NULL) AND (every = 'month') = (month_day IS NOT NULL)),
  CHECK ((zone_of = 'named') = (time_zone IS NOT NULL)),
  CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
  FOREIGN KEY (tenant_id, created_by) REFERENCES users
);
CALL stoa_wall('reports', 'SELECT, INSERT, UPDATE, DELETE', '');
-- A manager keeps reports of his own, and no others are there for him.
CALL stoa_led('reports', 'created_by = (SELECT nullif(current_setting(''stoa.led_by'', true), '''')::uuid)');
COMMENT ON TABLE reports IS 'Digests that are sent by letter, week by week or month by month';
COMMENT ON COLUMN reports.tenant_id IS 'The institution';
COMMENT ON COLUMN reports.id IS 'Shown as rpt_…';
COMMENT ON COLUMN reports.name IS 'Shown to people, and in the subject';
COMMENT ON COLUMN reports.kind IS 'What it tells of: the whole institution, or the groups of each recipient';
COMMENT ON COLUMN reports.every IS 'How long its periods are';
COMMENT ON COLUMN reports.weekday IS 'On which day of the week it is sent, 1 for Monday';
COMMENT ON COLUMN reports.month_day IS 'On which day of the month; the last one where a month is shorter';
COMMENT ON COLUMN reports.minute_of_day IS 'When on that day, as the clocks there show it: minutes from midnight';
COMMENT ON COLUMN reports.zone_of IS 'Whose clocks: the institution''s, each recipient''s, or those of a named zone';
COMMENT ON COLUMN reports.time_zone IS 'The named IANA zone';
COMMENT ON COLUMN reports.csv IS 'How the numbers come as CSV: not at all, with the letter, or behind a link';
COMMENT ON COLUMN reports.send_when_empty IS 'A period in which nothing happened is told of too';
COMMENT ON COLUMN reports.quiet_from IS 'Begin of the hours in which a letter that is late is not sent: minutes from midnight';
COMMENT ON COLUMN reports.quiet_to IS 'Their end';
COMMENT ON COLUMN reports.status IS 'Active, or paused by a person';
COMMENT ON COLUMN reports.created_by IS 'Whose report it is: who is told of recipients that get it no more; none of an integration''s';
COMMENT ON COLUMN reports.created_at IS 'When it was made';
COMMENT ON COLUMN reports.updated_at IS 'When it was last changed';

CREATE TABLE report_recipients (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL,
  report_id       uuid NOT NULL,
  user_id         uuid,
  email           text,
  email_key       text,
  locale          text,
  status          text NOT NULL CHECK (status IN ('unconfirmed', 'active', 'unsubscribed')),
  secret          bytea NOT NULL,
  leave_hash      bytea NOT NULL,
  confirm_hash    bytea,
  confirm_until   timestamptz,
  asks            integer NOT NULL DEFAULT 0,
  asked_at        timestamptz,
  next_run_at     timestamptz,
  trouble         text CHECK (trouble IN ('left', 'role_lost', 'address_suspended')),
  created_at      timestamptz NOT NULL,
  confirmed_at    timestamptz,
  unsubscribed_at timestamptz,
  CHECK ((user_id IS NULL) <> (email IS NULL) AND (email IS NULL) = (email_key IS NULL)),
  CHECK (next_run_at IS NULL OR status = 'active'),
  FOREIGN KEY (tenant_id, report_id) REFERENCES reports ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users,
  UNIQUE (tenant_id, report_id, user_id),
  UNIQUE (tenant_id, report_id, email_key),
  UNIQUE (tenant_id, leave_hash),
  UNIQUE (tenant_id, confirm_hash)
);
ALTER TABLE report_recipients ADD PRIMARY KEY (tenant_id, id);
-- Those whose time has come are found across institutions.
CREATE INDEX report_recipients_due ON report_recipients (next_run_at) WHERE next_run_at IS NOT NULL;
CALL stoa_wall('report_recipients', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT');
CALL stoa_led_people('report_recipients', 'user_id');
COMMENT ON TABLE report_recipients IS 'Who gets a report: members, and addresses that said yes';
COMMENT ON COLUMN report_recipients.tenant_id IS 'The institution';
COMMENT ON COLUMN report_recipients.id IS 'Shown as rcp_…';
COMMENT ON COLUMN report_recipients.report_id IS 'The report';
COMMENT ON COLUMN report_recipients.user_id IS 'The member; none for an address of somebody who is none';
COMMENT ON COLUMN report_recipients.email IS 'The address of somebody who is no member';
COMMENT ON COLUMN report_recipients.email_key IS 'The same in the form in which addresses are compared';
COMMENT ON COLUMN report_recipients.locale IS 'Language tag of the letters; the member''s, else the institution''s, where there is none';
COMMENT ON COLUMN report_recipients.status IS 'Unconfirmed until the person said yes; active; unsubscribed by the person';
COMMENT ON COLUMN report_recipients.secret IS 'Sealed: what the tokens in this recipient''s letters are made of';
COMMENT ON COLUMN report_recipients.leave_hash IS 'SHA-256 of the token that ends it';
COMMENT ON COLUMN report_recipients.confirm_hash IS 'SHA-256 of the token that says yes, while that is waited for';
COMMENT ON COLUMN report_recipients.confirm_until IS 'Until when it works';
COMMENT ON COLUMN report_recipients.asks IS 'Letters that asked for a yes, which also number their tokens';
COMMENT ON COLUMN report_recipients.asked_at IS 'When the last of them was promised';
COMMENT ON COLUMN report_recipients.next_run_at IS 'When the next letter is due; none where none is';
COMMENT ON COLUMN report_recipients.trouble IS 'Why the last letter was not sent, of which the report''s owner was told';
COMMENT ON COLUMN report_recipients.created_at IS 'When the recipient was added';
COMMENT ON COLUMN report_recipients.confirmed_at IS 'When the person said yes';
COMMENT ON COLUMN report_recipients.unsubscribed_at IS 'When the person wanted no more';
