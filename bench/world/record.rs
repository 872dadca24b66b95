//! The rows of the learning record of an institution: people, where they stand, what they did on which day, and the sums
//! of that. Written straight into the database, without its triggers: what those would work out is written here too.
//!
//! Everybody stands on the same few courses, their lessons and items, and was active on some days of the last ninety; a
//! thousand are in forty groups. The sums are added up from the days by statements of their own, as a rebuild does it.

use anyhow::Context;
use uuid::Uuid;

use crate::database::Session;

/// Rows that a person has among the standings of one course: on it, on each of three lessons and on each of six items.
pub const STANDINGS_EACH: u64 = 10;
/// Bytes that they take on the disk, with their indexes.
pub const STANDINGS_BYTES: u64 = 4_500;

const PLACES: &str = "
CREATE OR REPLACE FUNCTION pg_temp.person(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT ('019b0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE OR REPLACE FUNCTION pg_temp.thing(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT ('019b0000-0000-7' || lpad(to_hex(kind), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
SET session_replication_role = replica;";

/// `{t}` institution, `{m}` members, `{c}` courses that they are on.
const ROWS: [(&str, &str); 19] = [
    (
        "courses",
        "INSERT INTO courses (tenant_id, id, slug, title, external_id, status, created_at, updated_at)
         SELECT {t}, pg_temp.thing(3, n), 'record-' || n, 'Course ' || n, 'record-' || n, 'published', now(), now()
         FROM generate_series(1, 50) n",
    ),
    (
        "lessons",
        "INSERT INTO lessons (tenant_id, id, course_id, title, position, created_at, updated_at)
         SELECT {t}, pg_temp.thing(4, n), pg_temp.thing(3, 1 + (n - 1) / 3), 'Lesson ' || n, n, now(), now()
         FROM generate_series(1, 3 * {c}) n",
    ),
    (
        "trainings",
        "INSERT INTO trainings (tenant_id, id, lesson_id, title, position, created_at, updated_at)
         SELECT {t}, pg_temp.thing(5, n), pg_temp.thing(4, n), 'Training', 1, now(), now() FROM generate_series(1, 3 * {c}) n",
    ),
    (
        "items",
        "INSERT INTO training_items (tenant_id, id, training_id, kind, title, position, created_at, updated_at)
         SELECT {t}, pg_temp.thing(6, n), pg_temp.thing(5, 1 + (n - 1) / 2), 'material', 'Item ' || n, n, now(), now()
         FROM generate_series(1, 6) n",
    ),
    (
        "users",
        "INSERT INTO users (tenant_id, id, external_id, email, email_key, name, first_name, last_name, created_at, updated_at)
         SELECT {t}, pg_temp.person(n), 'r-' || n, 'r' || n || '@school.example', 'r' || n || '@school.example', 'Learner ' || n,
           'Learner', n::text, now(), now() FROM generate_series(1, {m}) n",
    ),
    (
        "memberships",
        "INSERT INTO memberships (tenant_id, user_id, role, joined_at, created_at, updated_at)
         SELECT {t}, pg_temp.person(n), 'learner', now(), now(), now() FROM generate_series(1, {m}) n",
    ),
    ("member_tallies", "INSERT INTO member_tallies (tenant_id, learner, status, n) VALUES ({t}, true, 'active', {m})"),
    (
        "cefr_tallies",
        "INSERT INTO cefr_tallies (tenant_id, language, skill, level, n)
         SELECT {t}, l, s, v, {m} / 40 FROM unnest(ARRAY['en', 'ko']) l,
           unnest(ARRAY['listening', 'reading', 'speaking', 'writing', 'overall']) s, generate_series(1, 9) v",
    ),
    (
        "groups",
        "INSERT INTO groups (tenant_id, id, name, kind, created_at, updated_at)
         SELECT {t}, pg_temp.thing(8, n), 'Cohort ' || n, 'cohort', now(), now() FROM generate_series(1, 40) n",
    ),
    (
        "group_members",
        "INSERT INTO group_members (tenant_id, group_id, user_id, created_at)
         SELECT {t}, pg_temp.thing(8, 1 + n % 40), pg_temp.person(n), now() FROM generate_series(1, 1000) n",
    ),
    (
        "enrolments",
        "INSERT INTO enrolments (tenant_id, id, course_id, user_id, status, enrolled_at, completed_at, created_at, updated_at)
         SELECT {t}, pg_temp.thing(100 + c, n), pg_temp.thing(3, c), pg_temp.person(n),
           CASE WHEN n % 10 = 0 THEN 'active' ELSE 'completed' END, now() - interval '1 hour' * (n % 2000),
           CASE WHEN n % 10 <> 0 THEN now() END, now(), now() FROM generate_series(1, {m}) n, generate_series(1, {c}) c",
    ),
    (
        "enrolments_counted",
        "INSERT INTO enrolments_counted (tenant_id, edition, user_id, course_id, enrolled_on, started, completed_on)
         SELECT {t}, 1, user_id, course_id, enrolled_at::date, true, completed_at::date FROM enrolments
         WHERE tenant_id = {t} AND course_id = ANY (ARRAY(SELECT pg_temp.thing(3, c) FROM generate_series(1, {c}) c))",
    ),
    (
        "standings",
        "INSERT INTO standings (tenant_id, user_id, object_id, object_kind, id, course_id, progress, attempts,
           time_spent_seconds, revision, started_at, completed_at, last_occurred_at, created_at, updated_at)
         SELECT {t}, pg_temp.person(n), o.id, o.kind, pg_temp.thing(o.place, n), o.course_id, o.progress, 1,
           60, 1, now() - interval '2 days', CASE WHEN o.progress = 10000 THEN now() - interval '1 day' END,
           now() - interval '1 day', now(), now()
         FROM generate_series(1, {m}) n, (
           SELECT pg_temp.thing(3, c) AS course_id, pg_temp.thing(3, c) AS id, 'course' AS kind, c * 10 AS place, 5000 AS progress
           FROM generate_series(1, {c}) c
           UNION ALL SELECT pg_temp.thing(3, c), pg_temp.thing(4, 3 * c - 3 + l), 'lesson', c * 10 + l, CASE l WHEN 1 THEN 10000 ELSE 5000 END
           FROM generate_series(1, {c}) c, generate_series(1, 3) l
           UNION ALL SELECT pg_temp.thing(3, c), pg_temp.thing(6, 6 * c - 6 + i), 'item', c * 10 + 3 + i, CASE i % 2 WHEN 1 THEN 10000 ELSE 0 END
           FROM generate_series(1, {c}) c, generate_series(1, 6) i) o",
    ),
    (
        "activity_days",
        "INSERT INTO activity_days (tenant_id, edition, user_id, day, course_id, events, seconds, lessons_completed)
         SELECT {t}, 1, pg_temp.person(n), day, pg_temp.thing(3, 1 + n % 50), 5, 60 * (n % 60 + 1), 1
         FROM generate_series(1, {m}) n, LATERAL (SELECT DISTINCT current_date - (hashint8(n * 7 + k) & 1023) % 90 AS day
           FROM generate_series(1, 4) k) d",
    ),
    (
        "activity_gaps",
        "INSERT INTO activity_gaps (tenant_id, edition, day, gap, learners)
         SELECT {t}, 1, day, gap, count(*) FROM (
           SELECT day, coalesce(least(day - lag(day) OVER (PARTITION BY user_id ORDER BY day), 400), 0) AS gap
           FROM activity_days WHERE tenant_id = {t}) d GROUP BY day, gap",
    ),
    (
        "activity_totals",
        "INSERT INTO activity_totals (tenant_id, edition, day, course_id, learners, events, seconds, lessons_completed, courses_completed)
         SELECT {t}, 1, day, course_id, count(*), sum(events), sum(seconds), sum(lessons_completed), 0
         FROM activity_days WHERE tenant_id = {t} GROUP BY day, course_id",
    ),
    (
        "activity_levels",
        "INSERT INTO activity_levels (tenant_id, edition, day, active_days, learners)
         SELECT {t}, 1, until, days, count(*) FROM (SELECT until, user_id, count(*)::int AS days
           FROM generate_series(current_date, current_date + 1, interval '1 day') AS e(until)
           JOIN activity_days a ON a.tenant_id = {t} AND a.day > until::date - 28 AND a.day <= until::date GROUP BY until, user_id) l
         GROUP BY until, days",
    ),
    (
        "activity_retention",
        "INSERT INTO activity_retention (tenant_id, edition, began_month, month, learners)
         SELECT {t}, 1, min_month, month, count(*) FROM (
           SELECT month, min(month) OVER (PARTITION BY user_id) AS min_month FROM (
             SELECT DISTINCT user_id, date_trunc('month', day)::date AS month FROM activity_days WHERE tenant_id = {t}) m) r
         GROUP BY min_month, month",
    ),
    (
        "course_starts",
        "INSERT INTO course_starts (tenant_id, edition, enrolled_on, course_id, enrolled, started, completed)
         SELECT {t}, 1, enrolled_at::date, course_id, count(*), count(*), count(completed_at) FROM enrolments
         WHERE tenant_id = {t} AND course_id = ANY (ARRAY(SELECT pg_temp.thing(3, c) FROM generate_series(1, {c}) c)) GROUP BY enrolled_at::date, course_id",
    ),
];

/// Id of the n-th person, from 1.
pub fn person(n: u64) -> Uuid {
    Uuid::from_u128(0x019b_0000_0000_7000_8000_0000_0000_0000 | u128::from(n))
}

/// Id of the first of the courses on which everybody is.
pub fn course() -> Uuid {
    Uuid::from_u128(0x019b_0000_0000_7003_8000_0000_0000_0001)
}

/// Id of the first of its lessons.
pub fn lesson() -> Uuid {
    Uuid::from_u128(0x019b_0000_0000_7004_8000_0000_0000_0001)
}

/// Writes the record of an institution of so many people, each on so many courses, fifty at most.
///
/// # Errors
/// As the database says.
pub async fn fill(session: &Session, (tenant, members, courses): (Uuid, u64, u64)) -> anyhow::Result<()> {
    session.batch_execute(PLACES).await?;
    for (what, statement) in ROWS {
        let statement = statement.replace("{t}", &format!("'{tenant}'::uuid")).replace("{m}", &members.to_string());
        let statement = statement.replace("{c}", &courses.to_string());
        session.batch_execute(&statement).await.with_context(|| format!("writing {what}"))?;
    }
    session.batch_execute("SET session_replication_role = origin").await?;
    Ok(())
}
