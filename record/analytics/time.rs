//! How long the learner in the middle learned.
//!
//! # Rule
//! Of up to [`EXACT_MAX`] active learners each is looked at. Of more, those of a sample: members draw a lot once and for
//! all, by their ids, and the lowest lots are the sample. So whoever asks again is told the same.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Nullable, Uuid as SqlUuid},
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

/// Most active learners of whom each is looked at.
const EXACT_MAX: i64 = 1_000;
/// Members of the sample.
const SAMPLE: i64 = 1_000;

/// The middle within each of the dates `$4` to `$5`, of days `d` that hold all of them.
macro_rules! middles {
    () => {
        " SELECT (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY s.seconds) FROM (
              SELECT sum(d.seconds)::bigint AS seconds FROM days d WHERE d.day BETWEEN w.first AND w.last GROUP BY d.user_id) s
            ) AS seconds
          FROM unnest($4, $5) WITH ORDINALITY AS w(first, last, place) ORDER BY w.place"
    };
}
/// From the first of all dates to the last, looked up once for all.
macro_rules! days {
    () => {
        concat!(
            "days AS MATERIALIZED (SELECT a.user_id, a.day, a.seconds FROM ",
            days_of_people!("(SELECT min(f) FROM unnest($4) f)", "(SELECT max(l) FROM unnest($5) l)"),
            ")"
        )
    };
}
const OF_ALL: &str = concat!(
    "WITH days AS MATERIALIZED (
       SELECT a.user_id, a.day, a.seconds FROM activity_days a
       WHERE a.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND $6 > 0 AND a.edition = ",
    edition!(),
    " AND a.day BETWEEN (SELECT min(f) FROM unnest($4) f) AND (SELECT max(l) FROM unnest($5) l))",
    middles!()
);
const OF_SAMPLE: &str = concat!(
    "WITH people AS MATERIALIZED (
       SELECT m.user_id FROM memberships m WHERE m.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL
       ORDER BY uuid_hash(m.user_id), m.user_id LIMIT $6
     ), ",
    days!(),
    middles!()
);
const OF_SOME: &str = concat!("WITH ", people!(), ", ", days!(), middles!(), " LIMIT $6");

/// The one in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Middle {
    /// Seconds; none where nobody was active.
    pub(super) seconds: Option<i64>,
    /// It is that of a sample.
    pub(super) estimated: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<BigInt>)]
    seconds: Option<i64>,
}

/// Finds the time that the one in the middle of so many active learners spent within some dates, for each of them.
pub(super) async fn middles(tx: &mut TenantTx, people: People, periods: &[(Window, i64)]) -> Result<Vec<Middle>> {
    let is_sample = |active: i64| people == People::All && active > EXACT_MAX;
    // Dates that follow on each other are looked up together.
    if let [(one, active), (before, active_before)] = periods
        && before.is_followed_by(*one)
        && is_sample(*active) == is_sample(*active_before)
    {
        return read(tx, people, (&[*one, *before], is_sample(*active))).await;
    }
    let mut middles = Vec::new();
    for (window, active) in periods {
        middles.extend(read(tx, people, (&[*window], is_sample(*active))).await?);
    }
    Ok(middles)
}

async fn read(tx: &mut TenantTx, people: People, (windows, estimated): (&[Window], bool)) -> Result<Vec<Middle>> {
    let tenant = tx.tenant();
    let statement = match people {
        People::All if estimated => OF_SAMPLE,
        People::All => OF_ALL,
        People::Some(_) => OF_SOME,
    };
    let rows: Vec<Row> = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Array<Date>, _>(windows.iter().map(|window| window.from).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(windows.iter().map(|window| window.to).collect::<Vec<_>>())
        .bind::<BigInt, _>(SAMPLE)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| Middle { seconds: row.seconds, estimated }).collect())
}
