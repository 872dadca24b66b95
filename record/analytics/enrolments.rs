//! Enrolments by the date on which they were made, course by course, and what became of them.

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
};

use super::{
    people::{People, edition, enrolments_of_people, people},
    query::Window,
};
use crate::rollups;

const STARTS_OF_ALL: &str = concat!(
    "SELECT s.enrolled_on, s.course_id, s.enrolled, s.started, s.completed FROM course_starts s
     WHERE s.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND s.enrolled_on BETWEEN $4 AND $5 AND s.enrolled > 0
       AND s.edition = ",
    edition!()
);
const STARTS_OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    " SELECT e.enrolled_on, e.course_id, count(*) AS enrolled, count(*) FILTER (WHERE e.started) AS started,
        count(e.completed_on) AS completed
      FROM ",
    enrolments_of_people!(),
    " WHERE e.enrolled_on BETWEEN $4 AND $5 GROUP BY e.enrolled_on, e.course_id"
);
const OVERDUE_OF_ALL: &str = concat!(
    "SELECT coalesce(sum(d.fell_due - d.settled), 0)::bigint AS overdue FROM enrolments_due d
     WHERE d.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND d.day <= $4 AND $5 IS NOT NULL AND d.edition = ",
    edition!()
);
const OVERDUE_OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    " SELECT count(*) AS overdue FROM ",
    enrolments_of_people!(),
    " WHERE e.fell_due_on <= $4 AND e.fell_due_at < $5 AND (e.settled_on IS NULL OR e.settled_on > $4)"
);

/// Enrolments of a course that were made on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(super) struct Start {
    #[diesel(sql_type = Date)]
    pub(super) enrolled_on: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    pub(super) course_id: Id<id::Course>,
    #[diesel(sql_type = BigInt)]
    pub(super) enrolled: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) started: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) completed: i64,
}

#[derive(QueryableByName)]
struct OverdueRow {
    #[diesel(sql_type = BigInt)]
    overdue: i64,
}

/// Reads the enrolments that were made within some dates.
pub(super) async fn starts(tx: &mut TenantTx, people: People, window: Window) -> Result<Vec<Start>> {
    let tenant = tx.tenant();
    let statement = match people {
        People::All => STARTS_OF_ALL,
        People::Some(_) => STARTS_OF_SOME,
    };
    sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Date, _>(window.from)
        .bind::<Date, _>(window.to)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Counts the enrolments that are overdue when a day ends; of today, at this moment.
pub(super) async fn overdue(tx: &mut TenantTx, people: People, (day, today): (NaiveDate, NaiveDate)) -> Result<i64> {
    let statement = match people {
        People::All if day == today => return rollups::read::overdue_now(tx).await,
        People::All => OVERDUE_OF_ALL,
        People::Some(_) => OVERDUE_OF_SOME,
    };
    let (tenant, now) = (tx.tenant(), tx.now());
    let row: OverdueRow = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Date, _>(day)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    Ok(row.overdue)
}
