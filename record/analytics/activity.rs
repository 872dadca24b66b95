//! Who was active, and what was done.
//!
//! # Rule
//! Each active day of a learner stands under its distance to the one before. Of whoever was active within some dates one
//! day there has none of them before it: that day is counted, whichever the dates, and nobody twice.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Integer, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};

use super::{
    people::{People, days_of_people, edition, people},
    query::Window,
};

/// What is left of gaps, days with their distance to the one before (0 for the first) and learners, within `w`.
macro_rules! learners_within {
    () => {
        "coalesce(sum(g.learners) FILTER (WHERE g.gap = 0 OR g.gap > g.day - w.first), 0)::bigint AS learners"
    };
}
const ACTIVE_OF_ALL: &str = concat!(
    "SELECT a.learners FROM unnest($4, $5) WITH ORDINALITY AS w(first, last, place) CROSS JOIN LATERAL (SELECT ",
    learners_within!(),
    " FROM activity_gaps g
       WHERE g.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND g.day BETWEEN w.first AND w.last AND g.edition = ",
    edition!(),
    " OFFSET 0) a ORDER BY w.place"
);
/// What was before the first of all dates makes no difference.
const ACTIVE_OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    ", days AS (SELECT DISTINCT a.user_id, a.day FROM ",
    days_of_people!("(SELECT min(f) FROM unnest($4) f)", "(SELECT max(l) FROM unnest($5) l)"),
    "), gaps AS MATERIALIZED (
       SELECT d.day, d.gap, count(*) AS learners
       FROM (SELECT day, coalesce(day - lag(day) OVER (PARTITION BY user_id ORDER BY day), 0) AS gap FROM days) d
       GROUP BY d.day, d.gap
     )
     SELECT a.learners FROM unnest($4, $5) WITH ORDINALITY AS w(first, last, place) CROSS JOIN LATERAL (SELECT ",
    learners_within!(),
    " FROM gaps g WHERE g.day BETWEEN w.first AND w.last) a ORDER BY w.place"
);

const DONE_BY_ALL: &str = concat!(
    "SELECT a.day, sum(a.events)::bigint AS events, sum(a.seconds)::bigint AS seconds,
       sum(a.lessons_completed)::bigint AS lessons_completed
     FROM activity_totals a
     WHERE a.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND a.day BETWEEN $4 AND $5 AND a.edition = ",
    edition!(),
    " GROUP BY a.day"
);
const DONE_BY_SOME: &str = concat!(
    "WITH ",
    people!(),
    " SELECT a.day, sum(a.events)::bigint AS events, sum(a.seconds)::bigint AS seconds,
        sum(a.lessons_completed)::bigint AS lessons_completed
      FROM ",
    days_of_people!("$4", "$5"),
    " GROUP BY a.day"
);

/// Learners by their active days of the 28 that end on `$4`, and as those of 0 days all who were ever active until then.
const SPREAD_OF_ALL: &str = concat!(
    "SELECT l.active_days, l.learners FROM activity_levels l
       WHERE l.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND l.day = $4 AND l.edition = ",
    edition!(),
    " UNION ALL SELECT 0, (
       SELECT coalesce(sum(b.learners), 0)::bigint FROM activity_retention b WHERE b.tenant_id = $1 AND b.month = b.began_month
         AND b.began_month < date_trunc('month', $4::timestamp)::date AND b.edition = ",
    edition!(),
    ") + (
       SELECT coalesce(sum(g.learners), 0)::bigint FROM activity_gaps g WHERE g.tenant_id = $1 AND g.gap = 0
         AND g.day BETWEEN date_trunc('month', $4::timestamp)::date AND $4 AND g.edition = ",
    edition!(),
    ")"
);
const SPREAD_OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    ", days AS (SELECT a.user_id, count(DISTINCT a.day) FILTER (WHERE a.day > $4 - 28)::integer AS active_days FROM ",
    days_of_people!("'-infinity'", "$4"),
    " GROUP BY a.user_id)
     SELECT d.active_days, count(*) AS learners FROM days d WHERE d.active_days > 0 GROUP BY d.active_days
     UNION ALL SELECT 0, count(*) FROM days"
);

/// What was done on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) events: i64,
    pub(crate) seconds: i64,
    pub(crate) lessons_completed: i64,
}

/// What was done, by the day.
pub(crate) type Days = BTreeMap<NaiveDate, Done>;

/// How active people were at the end of some dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spread {
    /// Learners by their active days of 28.
    pub(crate) by_days: BTreeMap<i32, i64>,
    /// Learners who were ever active until then.
    pub(crate) ever: i64,
}

#[derive(QueryableByName)]
struct ActiveRow {
    #[diesel(sql_type = BigInt)]
    learners: i64,
}

#[derive(QueryableByName)]
struct DoneRow {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
    #[diesel(sql_type = BigInt)]
    lessons_completed: i64,
}

#[derive(QueryableByName)]
struct SpreadRow {
    #[diesel(sql_type = Integer)]
    active_days: i32,
    #[diesel(sql_type = BigInt)]
    learners: i64,
}

/// Counts who was active within each of some dates.
pub(crate) async fn active(tx: &mut TenantTx, people: People, windows: &[Window]) -> Result<Vec<i64>> {
    let tenant = tx.tenant();
    let statement = match people {
        People::All => ACTIVE_OF_ALL,
        People::Some(_) => ACTIVE_OF_SOME,
    };
    let rows: Vec<ActiveRow> = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Array<Date>, _>(windows.iter().map(|window| window.from).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(windows.iter().map(|window| window.to).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.learners).collect())
}

/// Adds up what was done on each day.
pub(crate) async fn done(tx: &mut TenantTx, people: People, window: Window) -> Result<Days> {
    let tenant = tx.tenant();
    let statement = match people {
        People::All => DONE_BY_ALL,
        People::Some(_) => DONE_BY_SOME,
    };
    let rows: Vec<DoneRow> = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Date, _>(window.from)
        .bind::<Date, _>(window.to)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows
        .into_iter()
        .map(|DoneRow { day, events, seconds, lessons_completed }| (day, Done { events, seconds, lessons_completed }))
        .collect())
}

/// Counts how active people were until a date.
pub(crate) async fn spread(tx: &mut TenantTx, people: People, day: NaiveDate) -> Result<Spread> {
    let tenant = tx.tenant();
    let statement = match people {
        People::All => SPREAD_OF_ALL,
        People::Some(_) => SPREAD_OF_SOME,
    };
    let rows: Vec<SpreadRow> = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Date, _>(day)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut by_days: BTreeMap<i32, i64> = rows.into_iter().map(|row| (row.active_days, row.learners)).collect();
    let ever = by_days.remove(&0).unwrap_or_default();
    Ok(Spread { by_days, ever })
}

/// What was done within some dates.
pub(crate) fn within(days: &Days, window: Window) -> Done {
    days.range(window.from..=window.to).fold(Done::default(), |sum, (_, day)| Done {
        events: sum.events + day.events,
        seconds: sum.seconds + day.seconds,
        lessons_completed: sum.lessons_completed + day.lessons_completed,
    })
}
