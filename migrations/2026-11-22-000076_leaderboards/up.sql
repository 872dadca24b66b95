-- Points, and the leaderboards that are made of them.
CREATE TABLE xp_entries (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  user_id      uuid NOT NULL,
  rule         text NOT NULL,
  rule_version integer NOT NULL,
  source       text NOT NULL,
  once         text NOT NULL,
  amount       integer NOT NULL,
  local_date   date NOT NULL,
  tz           text NOT NULL,
  week         date,
  month        date,
  occurred_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  corrects     uuid,
  note         text,
  entered_by   uuid,
  UNIQUE (tenant_id, source, rule),
  UNIQUE (tenant_id, user_id, rule, once)
);
CREATE INDEX xp_entries_of_learner ON xp_entries (tenant_id, user_id, local_date, id);
CREATE UNIQUE INDEX xp_entries_corrected ON xp_entries (tenant_id, corrects) WHERE corrects IS NOT NULL;
ALTER TABLE xp_entries ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('xp_entries', 'SELECT, INSERT', '');
CALL stoa_led_people('xp_entries', 'user_id');
COMMENT ON TABLE xp_entries IS 'The ledger of points: rows are added and never changed, and what was wrong is corrected by another row';
COMMENT ON COLUMN xp_entries.tenant_id IS 'The institution';
COMMENT ON COLUMN xp_entries.id IS 'Shown as xpe_…';
COMMENT ON COLUMN xp_entries.user_id IS 'The learner';
COMMENT ON COLUMN xp_entries.rule IS 'Key of the rule; correction for what somebody entered';
COMMENT ON COLUMN xp_entries.rule_version IS 'Version of the rule';
COMMENT ON COLUMN xp_entries.source IS 'The sender''s own id of the activity; of a correction its own key';
COMMENT ON COLUMN xp_entries.once IS 'What the rule gives for once: the id of what was completed, or the date';
COMMENT ON COLUMN xp_entries.amount IS 'Points; 0 where the cap of the date was reached or the institution has switched the rule off';
COMMENT ON COLUMN xp_entries.local_date IS 'The learner''s date, on which caps count';
COMMENT ON COLUMN xp_entries.tz IS 'IANA zone in which it was that date';
COMMENT ON COLUMN xp_entries.week IS 'Week of the leaderboard that it counts in, by its Monday; none for what was told too late';
COMMENT ON COLUMN xp_entries.month IS 'Month of the leaderboard that it counts in, by its first; none for what was told too late';
COMMENT ON COLUMN xp_entries.occurred_at IS 'When it was done';
COMMENT ON COLUMN xp_entries.created_at IS 'When it was counted';
COMMENT ON COLUMN xp_entries.corrects IS 'The entry that it takes back';
COMMENT ON COLUMN xp_entries.note IS 'Why somebody entered it';
COMMENT ON COLUMN xp_entries.entered_by IS 'Person or token that entered it; none for what a rule gave';

CREATE TABLE board_scores (
  tenant_id  uuid NOT NULL,
  period     text NOT NULL CHECK (period IN ('week', 'month', 'all')),
  starts_on  date NOT NULL,
  user_id    uuid NOT NULL,
  xp         bigint NOT NULL DEFAULT 0,
  seconds    bigint NOT NULL DEFAULT 0,
  lessons    bigint NOT NULL DEFAULT 0,
  xp_at      timestamptz NOT NULL,
  seconds_at timestamptz NOT NULL,
  lessons_at timestamptz NOT NULL,
  listed     boolean NOT NULL DEFAULT true
) WITH (fillfactor = 85);
CREATE INDEX board_scores_by_xp ON board_scores (tenant_id, period, starts_on, xp DESC, xp_at, user_id) WHERE xp > 0;
CREATE INDEX board_scores_by_seconds ON board_scores (tenant_id, period, starts_on, seconds DESC, seconds_at, user_id) WHERE seconds > 0;
CREATE INDEX board_scores_by_lessons ON board_scores (tenant_id, period, starts_on, lessons DESC, lessons_at, user_id) WHERE lessons > 0;
CREATE INDEX board_scores_of_learner ON board_scores (tenant_id, user_id);
ALTER TABLE board_scores ADD PRIMARY KEY (tenant_id, period, starts_on, user_id);
CALL stoa_wall('board_scores', 'SELECT, INSERT, UPDATE', '');
CALL stoa_led_people('board_scores', 'user_id');
COMMENT ON TABLE board_scores IS 'What each learner reached in a period; rows of a period that is closed do not change any more';
COMMENT ON COLUMN board_scores.tenant_id IS 'The institution';
COMMENT ON COLUMN board_scores.period IS 'What kind of period';
COMMENT ON COLUMN board_scores.starts_on IS 'Its first date in the institution''s zone; 1970-01-01 for all time';
COMMENT ON COLUMN board_scores.user_id IS 'The learner';
COMMENT ON COLUMN board_scores.xp IS 'Points';
COMMENT ON COLUMN board_scores.seconds IS 'Reported time';
COMMENT ON COLUMN board_scores.lessons IS 'Lessons completed';
COMMENT ON COLUMN board_scores.xp_at IS 'When these points were reached: who was there first stands first among equals';
COMMENT ON COLUMN board_scores.seconds_at IS 'When this time was reached';
COMMENT ON COLUMN board_scores.lessons_at IS 'When these lessons were reached';
COMMENT ON COLUMN board_scores.listed IS 'Stood on the board when its period was closed; means nothing before';

CREATE TABLE board_periods (
  tenant_id uuid NOT NULL,
  period    text NOT NULL CHECK (period IN ('week', 'month')),
  starts_on date NOT NULL,
  time_zone text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at   timestamptz NOT NULL,
  closed_at timestamptz
);
CREATE INDEX board_periods_open ON board_periods (ends_at, tenant_id) WHERE closed_at IS NULL;
ALTER TABLE board_periods ADD PRIMARY KEY (tenant_id, period, starts_on);
CALL stoa_wall('board_periods', 'SELECT, INSERT, UPDATE', 'SELECT');
COMMENT ON TABLE board_periods IS 'Weeks and months of the leaderboards, each in the zone that it began in';
COMMENT ON COLUMN board_periods.tenant_id IS 'The institution';
COMMENT ON COLUMN board_periods.period IS 'What kind of period';
COMMENT ON COLUMN board_periods.starts_on IS 'Its first date: a Monday, or the first of a month';
COMMENT ON COLUMN board_periods.time_zone IS 'The institution''s IANA zone when it began';
COMMENT ON COLUMN board_periods.starts_at IS 'First instant';
COMMENT ON COLUMN board_periods.ends_at IS 'First instant after it';
COMMENT ON COLUMN board_periods.closed_at IS 'When it was frozen: nothing counts in it any more';

CREATE TABLE board_teams (
  tenant_id uuid NOT NULL, period text NOT NULL, starts_on date NOT NULL, group_id uuid NOT NULL,
  metric    text NOT NULL CHECK (metric IN ('xp', 'time', 'lessons')),
  name      text NOT NULL, members integer NOT NULL, total bigint NOT NULL,
  FOREIGN KEY (tenant_id, period, starts_on) REFERENCES board_periods
);
ALTER TABLE board_teams ADD PRIMARY KEY (tenant_id, period, starts_on, metric, group_id);
CALL stoa_wall('board_teams', 'SELECT, INSERT', '');
CALL stoa_led('board_teams', 'group_id = ANY ((SELECT nullif(current_setting(''stoa.led_groups'', true), '''')::uuid[])::uuid[])');
COMMENT ON TABLE board_teams IS 'What groups had reached when a period was closed';
COMMENT ON COLUMN board_teams.tenant_id IS 'The institution';
COMMENT ON COLUMN board_teams.period IS 'What kind of period';
COMMENT ON COLUMN board_teams.starts_on IS 'Its first date';
COMMENT ON COLUMN board_teams.group_id IS 'The group, which may be gone since';
COMMENT ON COLUMN board_teams.metric IS 'What was counted';
COMMENT ON COLUMN board_teams.name IS 'What it was called';
COMMENT ON COLUMN board_teams.members IS 'Learners in it, those who did nothing too';
COMMENT ON COLUMN board_teams.total IS 'Sum of what they had reached';

CREATE TABLE board_opt_outs (
  tenant_id uuid NOT NULL, user_id uuid NOT NULL, since timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
ALTER TABLE board_opt_outs ADD PRIMARY KEY (tenant_id, user_id);
CALL stoa_wall('board_opt_outs', 'SELECT, INSERT, DELETE', '');
CALL stoa_led_people('board_opt_outs', 'user_id');
COMMENT ON TABLE board_opt_outs IS 'Who does not want to stand on leaderboards';
COMMENT ON COLUMN board_opt_outs.tenant_id IS 'The institution';
COMMENT ON COLUMN board_opt_outs.user_id IS 'The person';
COMMENT ON COLUMN board_opt_outs.since IS 'Since when';

CREATE TABLE game_settings (
  tenant_id    uuid NOT NULL PRIMARY KEY REFERENCES institutions,
  enabled      boolean NOT NULL,
  leaderboards boolean NOT NULL,
  names        text NOT NULL CHECK (names IN ('full', 'initials', 'alias', 'hidden')),
  freezes_max  integer NOT NULL CHECK (freezes_max BETWEEN 0 AND 5),
  rules_off    text[] NOT NULL,
  updated_at   timestamptz NOT NULL
);
CALL stoa_wall('game_settings', 'SELECT, INSERT, UPDATE', '');
COMMENT ON TABLE game_settings IS 'How an institution wants its game; none for the platform''s way';
COMMENT ON COLUMN game_settings.tenant_id IS 'The institution';
COMMENT ON COLUMN game_settings.enabled IS 'Anything is counted at all';
COMMENT ON COLUMN game_settings.leaderboards IS 'There are leaderboards';
COMMENT ON COLUMN game_settings.names IS 'How people are named on them';
COMMENT ON COLUMN game_settings.freezes_max IS 'Most freezes that a learner keeps; 0 for none';
COMMENT ON COLUMN game_settings.rules_off IS 'Rules that give no points';
COMMENT ON COLUMN game_settings.updated_at IS 'When it was last changed';
