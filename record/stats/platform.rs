//! How much there is on the whole platform: sums over all institutions that have not left.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{HouseTx, failed, sql},
};

use super::{RecentlyActive, Stats};

/// Each institution is looked at by itself, by the date that it is there. A date's learners are those with no active day
/// before it within the dates that are counted, as `analytics` counts them.
const STATS: &str = "WITH open AS MATERIALIZED (
  SELECT i.tenant_id, r.edition, ($1 AT TIME ZONE coalesce(r.time_zone, 'UTC'))::date AS today
  FROM institutions i LEFT JOIN LATERAL (SELECT x.edition, x.time_zone FROM rollups x WHERE x.tenant_id = i.tenant_id OFFSET 0) r ON true
  WHERE i.status <> 'closed'
)
SELECT count(*) AS institutions, coalesce(sum(p.learners), 0)::bigint AS learners,
  coalesce(sum(a.day), 0)::bigint AS day, coalesce(sum(a.week), 0)::bigint AS week, coalesce(sum(a.month), 0)::bigint AS month,
  coalesce(sum(f.courses), 0)::bigint AS courses, coalesce(sum(f.lessons), 0)::bigint AS lessons,
  coalesce(sum(m.enrolled), 0)::bigint AS enrollments, coalesce(sum(m.completed), 0)::bigint AS completions,
  coalesce(sum(s.seconds), 0)::bigint AS seconds
FROM open o
CROSS JOIN LATERAL (SELECT sum(g.learners) FILTER (WHERE g.day = o.today) AS day,
    sum(g.learners) FILTER (WHERE g.day > o.today - 7 AND (g.gap = 0 OR g.gap > g.day - (o.today - 6))) AS week,
    sum(g.learners) FILTER (WHERE g.gap = 0 OR g.gap > g.day - (o.today - 29)) AS month
  FROM activity_gaps g WHERE g.tenant_id = o.tenant_id AND g.edition = o.edition AND g.day BETWEEN o.today - 29 AND o.today) a
CROSS JOIN LATERAL (SELECT sum(t.n) AS learners FROM member_tallies t
  WHERE t.tenant_id = o.tenant_id AND t.learner AND t.status = 'active') p
CROSS JOIN LATERAL (SELECT sum(c.enrolled) AS enrolled, sum(c.completed) AS completed FROM course_starts c
  WHERE c.tenant_id = o.tenant_id AND c.edition = o.edition) m
CROSS JOIN LATERAL (SELECT sum(d.seconds) AS seconds FROM activity_totals d
  WHERE d.tenant_id = o.tenant_id AND d.edition = o.edition) s
CROSS JOIN LATERAL (SELECT count(*) AS courses, sum((SELECT count(*) FROM lessons l
    WHERE l.tenant_id = c.tenant_id AND l.course_id = c.id AND l.deleted_at IS NULL)) AS lessons
  FROM courses c WHERE c.tenant_id = o.tenant_id AND c.status = 'published' AND c.deleted_at IS NULL) f";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    institutions: i64,
    #[diesel(sql_type = BigInt)]
    learners: i64,
    #[diesel(sql_type = BigInt)]
    day: i64,
    #[diesel(sql_type = BigInt)]
    week: i64,
    #[diesel(sql_type = BigInt)]
    month: i64,
    #[diesel(sql_type = BigInt)]
    courses: i64,
    #[diesel(sql_type = BigInt)]
    lessons: i64,
    #[diesel(sql_type = BigInt)]
    enrollments: i64,
    #[diesel(sql_type = BigInt)]
    completions: i64,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Reads how much there is on the whole platform.
///
/// # Errors
/// As the database says.
pub async fn of_platform(house: &mut HouseTx) -> Result<Stats> {
    let as_of = house.now();
    let row: Row = sql(STATS).bind::<Timestamptz, _>(as_of).get_result(house.connection()).await.map_err(failed)?;
    Ok(Stats {
        learners: Some(row.learners),
        active_learners: Some(RecentlyActive { day: row.day, week: row.week, month: row.month }),
        courses: row.courses,
        lessons: row.lessons,
        enrollments: Some(row.enrollments),
        completions: Some(row.completions),
        time_spent_seconds: Some(row.seconds),
        institutions: Some(row.institutions),
        suppressed: false,
        as_of,
    })
}
