//! The buckets of a history, all in one statement.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};

use super::{History, Span, Whose};

/// What was done within some dates.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Bucket {
    /// First date.
    #[diesel(sql_type = Date)]
    pub from: NaiveDate,
    /// Last date, itself within.
    #[diesel(sql_type = Date)]
    pub to: NaiveDate,
    /// First instant.
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    /// First instant after it.
    #[diesel(sql_type = Timestamptz)]
    pub ends_at: DateTime<Utc>,
    /// Events of activity; being enrolled is none.
    #[diesel(sql_type = BigInt)]
    pub events: i64,
    /// Dates on which there was one.
    #[diesel(sql_type = BigInt)]
    pub active_days: i64,
    /// Sum of reported durations.
    #[diesel(sql_type = BigInt)]
    pub time_spent_seconds: i64,
    /// Training items completed for the first time.
    #[diesel(sql_type = BigInt)]
    pub items_completed: i64,
    /// Lessons completed for the first time.
    #[diesel(sql_type = BigInt)]
    pub lessons_completed: i64,
    /// Courses completed for the first time.
    #[diesel(sql_type = BigInt)]
    pub courses_completed: i64,
}

/// `$1` institution, `$2` learner, `$3` course or none, `$4` first dates of the buckets, `$5` those of the next ones,
/// `$6` zone, `$7` what a bucket holds.
///
/// The last microsecond of the date before, a microsecond later, is the first instant of a date: it is right where
/// midnight is skipped, and where it comes twice.
const BUCKETS: &str = "WITH dates AS (
  SELECT d.first, d.next,
    (d.first - interval '1 microsecond') AT TIME ZONE $6 + interval '1 microsecond' AS starts_at,
    (d.next - interval '1 microsecond') AT TIME ZONE $6 + interval '1 microsecond' AS ends_at
  FROM unnest($4, $5) AS d(first, next)
), bounds AS (
  SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at FROM dates
), done AS (
  SELECT date_trunc($7, p.at)::date AS first, count(*) AS events, count(DISTINCT p.at::date) AS days,
    sum(floor(coalesce(p.seconds, 0)))::bigint AS seconds
  FROM (SELECT e.occurred_at AT TIME ZONE $6 AS at, (e.result ->> 'duration_seconds')::double precision AS seconds
    FROM bounds b JOIN progress_events e
      ON e.tenant_id = $1 AND e.user_id = $2 AND e.occurred_at >= b.starts_at AND e.occurred_at < b.ends_at
    WHERE e.verb <> 'enrolled' AND ($3 IS NULL OR e.object_id = $3 OR EXISTS (SELECT FROM standings s
      WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.object_id = e.object_id AND s.course_id = $3))) p
  GROUP BY 1
), completed AS (
  SELECT date_trunc($7, s.completed_at AT TIME ZONE $6)::date AS first,
    count(*) FILTER (WHERE s.object_kind = 'item') AS items, count(*) FILTER (WHERE s.object_kind = 'lesson') AS lessons,
    count(*) FILTER (WHERE s.object_kind = 'course') AS courses
  FROM bounds b JOIN standings s
    ON s.tenant_id = $1 AND s.user_id = $2 AND s.completed_at >= b.starts_at AND s.completed_at < b.ends_at
  WHERE $3 IS NULL OR s.course_id = $3
  GROUP BY 1
)
SELECT d.first AS \"from\", d.next - 1 AS \"to\", d.starts_at, d.ends_at,
  coalesce(e.events, 0) AS events, coalesce(e.days, 0) AS active_days, coalesce(e.seconds, 0) AS time_spent_seconds,
  coalesce(c.items, 0) AS items_completed, coalesce(c.lessons, 0) AS lessons_completed,
  coalesce(c.courses, 0) AS courses_completed
FROM dates d LEFT JOIN done e USING (first) LEFT JOIN completed c USING (first)
ORDER BY d.first";

/// Reads a learner's history.
///
/// # Errors
/// As the database says.
pub async fn buckets(tx: &mut TenantTx, whose: Whose, span: Span) -> Result<History> {
    let firsts: Vec<NaiveDate> = span.firsts().collect();
    let nexts: Vec<NaiveDate> = firsts.iter().map(|first| span.granularity.next(*first)).collect();
    let (tenant, as_of) = (tx.tenant(), tx.now());
    let buckets = sql(BUCKETS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(whose.learner)
        .bind::<Nullable<SqlUuid>, _>(whose.course)
        .bind::<Array<Date>, _>(firsts)
        .bind::<Array<Date>, _>(nexts)
        .bind::<Text, _>(span.time_zone.name())
        .bind::<Text, _>(span.granularity.as_str())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(History { span, buckets, as_of })
}
