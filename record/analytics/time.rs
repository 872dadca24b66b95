//! How long the learner in the middle learned.
//!
//! # Rule
//! Of up to [`EXACT_MAX`] active learners each is looked at. Of more, those of a sample: members draw a lot once and for
//! all, by their ids, and the lowest lots are the sample. So whoever asks again is told the same.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Nullable, Uuid as SqlUuid},
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

macro_rules! middle {
    () => {
        " SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY s.seconds) AS seconds FROM spent s"
    };
}
const OF_ALL: &str = concat!(
    "WITH spent AS (
       SELECT sum(a.seconds)::bigint AS seconds FROM activity_days a
       WHERE a.tenant_id = $1 AND $2 IS NULL AND a.day BETWEEN $3 AND $4 AND $5 > 0 AND a.edition = ",
    edition!(),
    " GROUP BY a.user_id)",
    middle!()
);
const OF_SAMPLE: &str = concat!(
    "WITH people AS MATERIALIZED (
       SELECT m.user_id FROM memberships m WHERE m.tenant_id = $1 AND $2 IS NULL ORDER BY uuid_hash(m.user_id), m.user_id LIMIT $5
     ), spent AS (SELECT sum(a.seconds)::bigint AS seconds FROM ",
    days_of_people!("$3", "$4"),
    " GROUP BY a.user_id)",
    middle!()
);
const OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    ", spent AS (SELECT sum(a.seconds)::bigint AS seconds FROM ",
    days_of_people!("$3", "$4"),
    " WHERE $5 > 0 GROUP BY a.user_id)",
    middle!()
);

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

/// Finds the time that the one in the middle of so many active learners spent within some dates.
pub(super) async fn middle(tx: &mut TenantTx, people: People, (window, active): (Window, i64)) -> Result<Middle> {
    let tenant = tx.tenant();
    let estimated = people == People::All && active > EXACT_MAX;
    let statement = match people {
        People::All if estimated => OF_SAMPLE,
        People::All => OF_ALL,
        People::Some(_) => OF_SOME,
    };
    let row: Row = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Date, _>(window.from)
        .bind::<Date, _>(window.to)
        .bind::<BigInt, _>(SAMPLE)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    Ok(Middle { seconds: row.seconds, estimated })
}
