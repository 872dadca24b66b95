//! Groups beside each other: whose people were active, and how far they came.
//!
//! # Rule
//! Listed are the groups that learn in the period, the latest first, at most a hundred; their figures are read of each of
//! their people, so a large group is left out and has to be asked for by itself. Which groups are hidden follows from all
//! groups that the caller sees, and holds wherever one of them is asked for.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    groups::GroupKind,
    id,
};

use super::{
    answer::{CohortFigures, Rate},
    people::{HowMany, days_of_people, edition, enrolments_of_people},
    query::Window,
    small::{hidden, is_small},
};

/// Most groups that are listed, and most that are looked at to see which are hidden.
const LISTED: i64 = 100;
const LOOKED_AT: i64 = 1_000;
/// A group of so many or more is never the next smallest.
const COUNTED_TO: i64 = 21;
/// Most people of a group whose figures are listed, and of all of these together.
const GROUP_MAX: i64 = 500;
const TOGETHER_MAX: i64 = 2_000;

const SIZES: &str = "SELECT g.id, (SELECT count(*) FROM (
      SELECT FROM group_members m WHERE m.tenant_id = $1 AND m.group_id = g.id LIMIT $2) x) AS people
  FROM groups g WHERE g.tenant_id = $1 AND NOT g.everyone ORDER BY g.id LIMIT $3";
const LIST: &str = "SELECT g.id, g.name, g.kind, g.starts_on, g.ends_on, (SELECT count(*) FROM (
      SELECT FROM group_members m WHERE m.tenant_id = $1 AND m.group_id = g.id LIMIT $4) x) AS people
  FROM groups g WHERE g.tenant_id = $1 AND NOT g.everyone
    AND coalesce(g.starts_on <= $3, true) AND coalesce(g.ends_on >= $2, true)
  ORDER BY g.starts_on DESC NULLS LAST, g.id DESC LIMIT $5";
/// On all courses: `$3` is null.
const FIGURES: &str = concat!(
    "SELECT k.id, a.learners, a.seconds, e.enrolled, e.completed
     FROM unnest($2) AS k(id)
     CROSS JOIN LATERAL (
       WITH people AS MATERIALIZED (SELECT m.user_id FROM group_members m WHERE m.tenant_id = $1 AND m.group_id = k.id)
       SELECT count(DISTINCT a.user_id) AS learners, coalesce(sum(a.seconds), 0)::bigint AS seconds FROM ",
    days_of_people!("$4", "$5"),
    ") a
     CROSS JOIN LATERAL (
       WITH people AS MATERIALIZED (SELECT m.user_id FROM group_members m WHERE m.tenant_id = $1 AND m.group_id = k.id)
       SELECT count(*) AS enrolled, count(e.completed_on) AS completed FROM ",
    enrolments_of_people!(),
    " WHERE e.enrolled_on BETWEEN $4 AND $5) e"
);

#[derive(QueryableByName)]
struct SizeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Group>,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

#[derive(QueryableByName)]
struct ListedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Group>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: GroupKind,
    #[diesel(sql_type = Nullable<Date>)]
    starts_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    ends_on: Option<NaiveDate>,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

#[derive(QueryableByName)]
struct FiguresRow {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Group>,
    #[diesel(sql_type = BigInt)]
    learners: i64,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
    #[diesel(sql_type = BigInt)]
    enrolled: i64,
    #[diesel(sql_type = BigInt)]
    completed: i64,
}

/// Says which of the groups that the caller sees are hidden, for they are small or tell of one that is.
pub(super) async fn hidden_ones(tx: &mut TenantTx) -> Result<BTreeSet<Id<id::Group>>> {
    let tenant = tx.tenant();
    let sizes = sql(SIZES).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(COUNTED_TO).bind::<BigInt, _>(LOOKED_AT);
    let sizes: Vec<SizeRow> = sizes.load(tx.connection()).await.map_err(failed)?;
    let people: Vec<i64> = sizes.iter().map(|row| row.people).collect();
    let hides = hidden(&people, 0);
    Ok(sizes.into_iter().zip(hides).filter(|(_, hides)| *hides).map(|(row, _)| row.id).collect())
}

/// Lists the groups that learn within some dates, of so many people in all.
pub(super) async fn listed(tx: &mut TenantTx, (window, all): (Window, HowMany)) -> Result<Vec<CohortFigures>> {
    let tenant = tx.tenant();
    let rows: Vec<ListedRow> = sql(LIST)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Date, _>(window.from)
        .bind::<Date, _>(window.to)
        .bind::<BigInt, _>(GROUP_MAX + 1)
        .bind::<BigInt, _>(LISTED)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let hides = hidden_ones(tx).await?;
    let (mut together, mut wanted) = (0, Vec::new());
    for row in &rows {
        if row.people <= GROUP_MAX && together + row.people <= TOGETHER_MAX {
            together += row.people;
            wanted.push(row.id);
        }
    }
    let figures = figures(tx, (&wanted, window)).await?;
    let cohorts = rows.into_iter().map(|row| {
        let few = is_small(row.people) || is_small(all.people - row.people);
        let suppressed = few || hides.contains(&row.id);
        let found = figures.iter().find(|found| found.id == row.id).filter(|_| !suppressed);
        CohortFigures {
            id: row.id,
            name: row.name,
            kind: row.kind,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            learners: found.map(|_| row.people),
            active_learners: found.map(|found| found.learners),
            time_spent_seconds: found.map(|found| found.seconds),
            completion_rate: found.map(|found| Rate::of(found.completed, found.enrolled)),
            suppressed,
            too_large: !suppressed && found.is_none(),
        }
    });
    Ok(cohorts.collect())
}

async fn figures(tx: &mut TenantTx, (wanted, window): (&[Id<id::Group>], Window)) -> Result<Vec<FiguresRow>> {
    let tenant = tx.tenant();
    sql(FIGURES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(wanted)
        .bind::<Nullable<SqlUuid>, _>(None::<Id<id::Course>>)
        .bind::<Date, _>(window.from)
        .bind::<Date, _>(window.to)
        .load(tx.connection())
        .await
        .map_err(failed)
}
