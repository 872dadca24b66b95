//! Activity added to an edition: days of learners, and what follows from those that are new.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use super::{
    days::{NewDays, month_of},
    editions::Edition,
    sums::Sums,
};
use crate::following::{Activity, ChangedEnrolment};

/// Days of learners that were not active before, with what must be known of those that were: a few probes of one index for
/// each, however long a learner has been here.
const NEW_DAYS: &str = "WITH told AS (
  SELECT DISTINCT k.user_id, (k.at AT TIME ZONE $3)::date AS day FROM unnest($4, $5) AS k(user_id, at)
)
SELECT t.user_id, t.day, p.day AS previous, n.day AS next, f.day AS first, a.days AS around,
  EXISTS (SELECT FROM activity_days x WHERE x.tenant_id = $1 AND x.edition = $2 AND x.user_id = t.user_id
    AND x.day >= date_trunc('month', t.day)::date AND x.day < (date_trunc('month', t.day) + interval '1 month')::date) AS month_known
FROM told t
LEFT JOIN LATERAL (SELECT x.day FROM activity_days x WHERE x.tenant_id = $1 AND x.edition = $2 AND x.user_id = t.user_id
  AND x.day < t.day ORDER BY x.day DESC LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT x.day FROM activity_days x WHERE x.tenant_id = $1 AND x.edition = $2 AND x.user_id = t.user_id
  AND x.day > t.day ORDER BY x.day LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT x.day FROM activity_days x WHERE x.tenant_id = $1 AND x.edition = $2 AND x.user_id = t.user_id
  ORDER BY x.day LIMIT 1) f ON true
CROSS JOIN LATERAL (SELECT coalesce(array_agg(DISTINCT x.day), '{}') AS days FROM activity_days x
  WHERE x.tenant_id = $1 AND x.edition = $2 AND x.user_id = t.user_id AND x.day BETWEEN t.day - 27 AND t.day + 27) a
WHERE NOT EXISTS (SELECT FROM activity_days x
  WHERE x.tenant_id = $1 AND x.edition = $2 AND x.user_id = t.user_id AND x.day = t.day)";

const MONTHS: &str =
    "SELECT DISTINCT x.user_id, date_trunc('month', x.day)::date AS month FROM unnest($3) AS k(user_id)
CROSS JOIN LATERAL (SELECT d.user_id, d.day FROM activity_days d
  WHERE d.tenant_id = $1 AND d.edition = $2 AND d.user_id = k.user_id OFFSET 0) x";

/// Lessons are read as they stand, and not counted up: one may be completed by any of several activities, and is once.
const ADD: &str = "WITH told AS (
  SELECT k.user_id, (k.at AT TIME ZONE $3)::date AS day, k.course_id, count(*) AS events, sum(k.seconds)::bigint AS seconds,
    bool_or(k.completes) AS completes
  FROM unnest($4, $5, $6, $7, $8) AS k(user_id, at, course_id, seconds, completes) GROUP BY 1, 2, 3
), met AS (
  SELECT t.*, d.is_there IS NULL AS is_new, coalesce(d.lessons_completed, 0) AS lessons_before,
    CASE WHEN t.completes THEN (SELECT count(*)::integer FROM standings s WHERE s.tenant_id = $1 AND s.course_id = t.course_id
        AND s.user_id = t.user_id AND s.object_kind = 'lesson' AND (s.completed_at AT TIME ZONE $3)::date = t.day)
      ELSE coalesce(d.lessons_completed, 0) END AS lessons
  FROM told t LEFT JOIN LATERAL (SELECT true AS is_there, x.lessons_completed FROM activity_days x WHERE x.tenant_id = $1
    AND x.edition = $2 AND x.user_id = t.user_id AND x.day = t.day AND x.course_id = t.course_id OFFSET 0) d ON true
), added AS (
  INSERT INTO activity_days AS d (tenant_id, edition, user_id, day, course_id, events, seconds, lessons_completed)
  SELECT $1, $2, user_id, day, course_id, events, seconds, lessons FROM met
  ON CONFLICT (tenant_id, edition, user_id, day, course_id) DO UPDATE SET events = d.events + excluded.events,
    seconds = d.seconds + excluded.seconds, lessons_completed = excluded.lessons_completed
)
SELECT day, course_id, count(*) FILTER (WHERE is_new) AS learners, sum(events)::bigint AS events,
  sum(seconds)::bigint AS seconds, sum(lessons - lessons_before)::bigint AS lessons FROM met GROUP BY day, course_id";

/// Adds activity, in which there is at least one, and gathers what follows for the sums.
pub(super) async fn add(tx: &mut TenantTx, edition: &Edition, learning: &[&Activity], sums: &mut Sums) -> Result<()> {
    for days in new_days(tx, edition, learning).await?.values() {
        days.add_to(sums);
    }
    for done in write(tx, edition, learning).await? {
        let total = sums.totals.entry((done.day, done.course_id)).or_default();
        total.learners += done.learners;
        total.events += done.events;
        total.seconds += done.seconds;
        total.lessons_completed += done.lessons;
    }
    Ok(())
}

/// Learners on courses that the activity may have begun.
pub(super) fn begun(learning: &[&Activity]) -> Vec<ChangedEnrolment> {
    let begun = learning
        .iter()
        .filter_map(|activity| Some(ChangedEnrolment { course_id: activity.course_id?, user_id: activity.user_id }));
    begun.collect::<BTreeSet<_>>().into_iter().collect()
}

#[derive(QueryableByName)]
struct NewDay {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    previous: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    next: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    first: Option<NaiveDate>,
    #[diesel(sql_type = Array<Date>)]
    around: Vec<NaiveDate>,
    #[diesel(sql_type = Bool)]
    month_known: bool,
}

async fn new_days(tx: &mut TenantTx, edition: &Edition, learning: &[&Activity]) -> Result<BTreeMap<Uuid, NewDays>> {
    let tenant = tx.tenant();
    let rows: Vec<NewDay> = sql(NEW_DAYS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Text, _>(&edition.time_zone)
        .bind::<Array<SqlUuid>, _>(column(learning, |activity| activity.user_id.uuid()))
        .bind::<Array<Timestamptz>, _>(column(learning, |activity| activity.occurred_at))
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut learners: BTreeMap<Uuid, NewDays> = BTreeMap::new();
    for row in rows {
        let days = learners.entry(row.user_id).or_default();
        days.new.insert(row.day);
        days.first = row.first;
        days.known.extend(row.around.into_iter().chain(row.previous).chain(row.next));
        days.known_months.extend(row.month_known.then_some(month_of(row.day)));
    }
    let earlier: Vec<Uuid> = learners.iter().filter(|(_, days)| days.begins_earlier()).map(|(user, _)| *user).collect();
    for (user, month) in months(tx, edition, earlier).await? {
        if let Some(days) = learners.get_mut(&user) {
            days.known_months.insert(month);
        }
    }
    Ok(learners)
}

/// All months in which learners were active.
async fn months(tx: &mut TenantTx, edition: &Edition, learners: Vec<Uuid>) -> Result<Vec<(Uuid, NaiveDate)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        user_id: Uuid,
        #[diesel(sql_type = Date)]
        month: NaiveDate,
    }
    if learners.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(MONTHS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<SqlUuid>, _>(learners)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.month)).collect())
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    course_id: Uuid,
    #[diesel(sql_type = BigInt)]
    learners: i64,
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
    #[diesel(sql_type = BigInt)]
    lessons: i64,
}

async fn write(tx: &mut TenantTx, edition: &Edition, learning: &[&Activity]) -> Result<Vec<Done>> {
    let tenant = tx.tenant();
    sql(ADD)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Text, _>(&edition.time_zone)
        .bind::<Array<SqlUuid>, _>(column(learning, |activity| activity.user_id.uuid()))
        .bind::<Array<Timestamptz>, Vec<DateTime<Utc>>>(column(learning, |activity| activity.occurred_at))
        .bind::<Array<SqlUuid>, _>(column(learning, |activity| activity.course_id.map(Id::uuid).unwrap_or_default()))
        .bind::<Array<BigInt>, _>(column(learning, |activity| activity.seconds))
        .bind::<Array<Bool>, _>(column(learning, Activity::completes))
        .load(tx.connection())
        .await
        .map_err(failed)
}

fn column<T>(learning: &[&Activity], of: impl Fn(&Activity) -> T) -> Vec<T> {
    learning.iter().map(|activity| of(activity)).collect()
}
