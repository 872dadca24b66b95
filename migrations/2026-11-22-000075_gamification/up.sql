-- The game: dates on which somebody learned, the streak that they make, points and achievements. What was counted is
-- never counted anew: dates keep their zones, entries their rules.
CREATE TABLE games (
  tenant_id   uuid NOT NULL,
  user_id     uuid NOT NULL,
  id          uuid NOT NULL,
  revision    integer NOT NULL DEFAULT 0,
  settled     jsonb NOT NULL DEFAULT '{}',
  settled_on  date,
  current     integer NOT NULL DEFAULT 0 CHECK (current >= 0),
  started_on  date,
  reached_on  date,
  longest     integer NOT NULL DEFAULT 0,
  freezes     integer NOT NULL DEFAULT 0,
  due_at      timestamptz,
  xp          bigint NOT NULL DEFAULT 0,
  items       integer NOT NULL DEFAULT 0,
  lessons     integer NOT NULL DEFAULT 0,
  courses     integer NOT NULL DEFAULT 0,
  perfect     integer NOT NULL DEFAULT 0,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users
) WITH (fillfactor = 85);
CREATE INDEX games_due ON games (due_at, tenant_id) WHERE due_at IS NOT NULL;
ALTER TABLE games ADD PRIMARY KEY (tenant_id, user_id);
CALL stoa_wall('games', 'SELECT, INSERT, UPDATE', 'SELECT');
CALL stoa_led_people('games', 'user_id');
COMMENT ON TABLE games IS 'Where each learner stands in the game: kept from the ledgers, which prove it';
COMMENT ON COLUMN games.tenant_id IS 'The institution';
COMMENT ON COLUMN games.user_id IS 'The learner';
COMMENT ON COLUMN games.id IS 'Shown as gam_…';
COMMENT ON COLUMN games.revision IS 'Counts announced changes, from 1';
COMMENT ON COLUMN games.settled IS 'The streak as it was after a date that nothing can change any more: what comes later is folded onto it';
COMMENT ON COLUMN games.settled_on IS 'That date';
COMMENT ON COLUMN games.current IS 'Dates with activity in the run that goes on; 0 without one';
COMMENT ON COLUMN games.started_on IS 'First date of that run';
COMMENT ON COLUMN games.reached_on IS 'Newest date with activity that counted';
COMMENT ON COLUMN games.longest IS 'The longest run';
COMMENT ON COLUMN games.freezes IS 'Freezes that are left: the sum of their entries';
COMMENT ON COLUMN games.due_at IS 'When a date ends that a freeze has to cover or the run ends; none without a run';
COMMENT ON COLUMN games.xp IS 'The sum of all entries of points';
COMMENT ON COLUMN games.items IS 'Training items completed';
COMMENT ON COLUMN games.lessons IS 'Lessons completed';
COMMENT ON COLUMN games.courses IS 'Courses completed';
COMMENT ON COLUMN games.perfect IS 'Training items with the whole score';
COMMENT ON COLUMN games.created_at IS 'When the learner first did something';
COMMENT ON COLUMN games.updated_at IS 'When the row last changed';

CREATE TABLE learner_zones (
  tenant_id uuid NOT NULL,
  user_id   uuid NOT NULL,
  from_at   timestamptz NOT NULL,
  tz        text NOT NULL
);
ALTER TABLE learner_zones ADD PRIMARY KEY (tenant_id, user_id, from_at);
CALL stoa_wall('learner_zones', 'SELECT, INSERT, UPDATE, DELETE', '');
CALL stoa_led_people('learner_zones', 'user_id');
COMMENT ON TABLE learner_zones IS 'In which zone a learner''s dates are told, and since when: a change takes effect with the next local date';
COMMENT ON COLUMN learner_zones.tenant_id IS 'The institution';
COMMENT ON COLUMN learner_zones.user_id IS 'The learner';
COMMENT ON COLUMN learner_zones.from_at IS 'First instant; the first zone holds for all that was before too';
COMMENT ON COLUMN learner_zones.tz IS 'IANA zone';

CREATE TABLE learning_days (
  tenant_id  uuid NOT NULL,
  user_id    uuid NOT NULL,
  local_date date NOT NULL,
  tz         text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('active', 'late', 'frozen', 'travel')),
  activities integer NOT NULL DEFAULT 0,
  first_at   timestamptz,
  last_at    timestamptz,
  counted_at timestamptz NOT NULL,
  CHECK ((first_at IS NULL) = (last_at IS NULL) AND (kind NOT IN ('active', 'late') OR first_at IS NOT NULL))
) WITH (fillfactor = 85);
ALTER TABLE learning_days ADD PRIMARY KEY (tenant_id, user_id, local_date);
CALL stoa_wall('learning_days', 'SELECT, INSERT, UPDATE', '');
CALL stoa_led_people('learning_days', 'user_id');
COMMENT ON TABLE learning_days IS 'Dates of learners, by the zone that held when they were counted; they are not counted anew';
COMMENT ON COLUMN learning_days.tenant_id IS 'The institution';
COMMENT ON COLUMN learning_days.user_id IS 'The learner';
COMMENT ON COLUMN learning_days.local_date IS 'The date';
COMMENT ON COLUMN learning_days.tz IS 'IANA zone in which it was that date';
COMMENT ON COLUMN learning_days.kind IS 'Active; told too late to count for a streak; covered by a freeze; skipped by travelling east';
COMMENT ON COLUMN learning_days.activities IS 'How many activities fell on it';
COMMENT ON COLUMN learning_days.first_at IS 'The first activity';
COMMENT ON COLUMN learning_days.last_at IS 'The last activity';
COMMENT ON COLUMN learning_days.counted_at IS 'When the row was last written';

CREATE TABLE freeze_entries (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  user_id    uuid NOT NULL,
  reason     text NOT NULL CHECK (reason IN ('granted', 'used', 'refunded', 'lapsed')),
  delta      integer NOT NULL,
  local_date date NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX freeze_entries_of_learner ON freeze_entries (tenant_id, user_id, id);
ALTER TABLE freeze_entries ADD PRIMARY KEY (tenant_id, id);
CALL stoa_wall('freeze_entries', 'SELECT, INSERT', '');
CALL stoa_led_people('freeze_entries', 'user_id');
COMMENT ON TABLE freeze_entries IS 'Every freeze that came or went; rows are added and never changed';
COMMENT ON COLUMN freeze_entries.tenant_id IS 'The institution';
COMMENT ON COLUMN freeze_entries.id IS 'In the order of time';
COMMENT ON COLUMN freeze_entries.user_id IS 'The learner';
COMMENT ON COLUMN freeze_entries.reason IS 'Granted; used for a date; given back because the date had activity after all; or gone because it was one too many then';
COMMENT ON COLUMN freeze_entries.delta IS 'What it adds to the freezes that are left';
COMMENT ON COLUMN freeze_entries.local_date IS 'The date that it is of';
COMMENT ON COLUMN freeze_entries.created_at IS 'When it was written';

CREATE TABLE achievements (
  tenant_id    uuid NOT NULL,
  user_id      uuid NOT NULL,
  key          text NOT NULL,
  tier         text NOT NULL CHECK (tier IN ('bronze', 'silver', 'gold')),
  version      integer NOT NULL,
  target       bigint NOT NULL,
  evidence     jsonb NOT NULL,
  unlocked_at  timestamptz NOT NULL
);
ALTER TABLE achievements ADD PRIMARY KEY (tenant_id, user_id, key, tier);
CALL stoa_wall('achievements', 'SELECT, INSERT', '');
CALL stoa_led_people('achievements', 'user_id');
COMMENT ON TABLE achievements IS 'Tiers that learners have reached; no change of a rule takes one back';
COMMENT ON COLUMN achievements.tenant_id IS 'The institution';
COMMENT ON COLUMN achievements.user_id IS 'The learner';
COMMENT ON COLUMN achievements.key IS 'Which achievement';
COMMENT ON COLUMN achievements.tier IS 'Which tier of it';
COMMENT ON COLUMN achievements.version IS 'Version of the rule by which it was reached';
COMMENT ON COLUMN achievements.target IS 'How many it took then';
COMMENT ON COLUMN achievements.evidence IS 'What it follows from: the count, and the activity that reached it';
COMMENT ON COLUMN achievements.unlocked_at IS 'When it was unlocked';
