//! How much there is: of an institution, and of the whole platform for whoever keeps it.
//!
//! # Rule
//! An institution is told of itself, whoever leads groups of their people, and an operator of all institutions together:
//! numbers alone, and no name. Learners are those who are there now; active is who had an event of activity on the last
//! 1, 7 or 30 dates of the institution's zone, today among them. What was learned by people who have left counts on.
//!
//! Not here: figures of a period (`analytics`).

mod platform;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};

pub use platform::of_platform;

use crate::{
    analytics::{
        activity,
        people::{People, days_of_people, edition, enrolments_of_people, people},
        query::Window,
    },
    history::Zone,
    rollups,
};

/// How much there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stats {
    /// Learners who are there.
    pub learners: Option<i64>,
    /// Who did something.
    pub active_learners: Option<RecentlyActive>,
    /// Published courses.
    pub courses: i64,
    /// Their lessons.
    pub lessons: i64,
    /// Enrolments, those that are completed among them.
    pub enrollments: Option<i64>,
    /// Of them, completed.
    pub completions: Option<i64>,
    /// Time that was spent on learning, seconds.
    pub time_spent_seconds: Option<i64>,
    /// Institutions that are counted together; null for one's own.
    pub institutions: Option<i64>,
    /// Too few people to tell of: what is of them is null.
    pub suppressed: bool,
    /// When it was read.
    pub as_of: DateTime<Utc>,
}

/// People with at least one event of activity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RecentlyActive {
    /// Today.
    #[serde(rename = "1d")]
    pub day: i64,
    /// On the last 7 dates.
    #[serde(rename = "7d")]
    pub week: i64,
    /// On the last 30 dates.
    #[serde(rename = "30d")]
    pub month: i64,
}

const CONTENT: &str = "SELECT count(*) AS courses, coalesce(sum((
    SELECT count(*) FROM lessons l WHERE l.tenant_id = c.tenant_id AND l.course_id = c.id AND l.deleted_at IS NULL)), 0)::bigint AS lessons
  FROM courses c WHERE c.tenant_id = $1 AND c.status = 'published' AND c.deleted_at IS NULL";
const DONE_BY_ALL: &str = concat!(
    "SELECT coalesce(s.enrolled, 0)::bigint AS enrollments, coalesce(s.completed, 0)::bigint AS completions,
       coalesce(t.seconds, 0)::bigint AS seconds
     FROM (SELECT sum(enrolled) AS enrolled, sum(completed) AS completed FROM course_starts
       WHERE tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND edition = ",
    edition!(),
    ") s, (SELECT sum(seconds) AS seconds FROM activity_totals WHERE tenant_id = $1 AND edition = ",
    edition!(),
    ") t"
);
const DONE_BY_SOME: &str = concat!(
    "WITH ",
    people!(),
    " SELECT s.enrollments, s.completions, t.seconds
      FROM (SELECT count(*) AS enrollments, count(e.completed_on) AS completions FROM ",
    enrolments_of_people!(),
    ") s, (SELECT coalesce(sum(a.seconds), 0)::bigint AS seconds FROM ",
    days_of_people!("'-infinity'", "'infinity'"),
    ") t"
);

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = BigInt)]
    courses: i64,
    #[diesel(sql_type = BigInt)]
    lessons: i64,
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = BigInt)]
    enrollments: i64,
    #[diesel(sql_type = BigInt)]
    completions: i64,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Reads how much there is of an institution, as far as the transaction's actor may see it.
///
/// # Errors
/// As the database says.
pub async fn of_institution(tx: &mut TenantTx) -> Result<Stats> {
    let (tenant, as_of) = (tx.tenant(), tx.now());
    let Content { courses, lessons } =
        sql(CONTENT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    let mut stats = Stats {
        learners: None,
        active_learners: None,
        courses,
        lessons,
        enrollments: None,
        completions: None,
        time_spent_seconds: None,
        institutions: None,
        suppressed: false,
        as_of,
    };
    let people = People::seen(tx);
    let count = people.count(tx).await?;
    if people.are_hidden(tx, (count, &[])).await? {
        stats.suppressed = true;
        return Ok(stats);
    }
    let done = done(tx, people).await?;
    stats.learners = Some(count.learners);
    stats.active_learners = Some(recently_active(tx, people).await?);
    stats.enrollments = Some(done.enrollments);
    stats.completions = Some(done.completions);
    stats.time_spent_seconds = Some(done.seconds);
    Ok(stats)
}

async fn recently_active(tx: &mut TenantTx, people: People) -> Result<RecentlyActive> {
    let kept = rollups::read::kept(tx).await?;
    let today = Zone::of(None, &[Some(&kept.time_zone)])?.date(tx.now());
    let windows = [1, 7, 30].map(|days| Window { from: today, to: today }.last(days));
    let active = activity::active(tx, people, &windows).await?;
    let [day, week, month] = std::array::from_fn(|nth| active.get(nth).copied().unwrap_or_default());
    Ok(RecentlyActive { day, week, month })
}

async fn done(tx: &mut TenantTx, people: People) -> Result<Done> {
    let tenant = tx.tenant();
    let statement = match people {
        People::All => DONE_BY_ALL,
        People::Some(_) => DONE_BY_SOME,
    };
    let done = sql(statement).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(people.group());
    let done = done.bind::<Nullable<SqlUuid>, _>(people.course());
    done.get_result(tx.connection()).await.map_err(failed)
}
