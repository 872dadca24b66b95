//! Differences to the sums, gathered in memory and added with one statement for each table.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Date, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use super::editions::Edition;

/// Differences to the sums.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// By day and gap.
    pub(super) gaps: BTreeMap<(NaiveDate, i32), i64>,
    /// By date and active days.
    pub(super) levels: BTreeMap<(NaiveDate, i32), i64>,
    /// By first month and month.
    pub(super) retention: BTreeMap<(NaiveDate, NaiveDate), i64>,
    /// By day and course.
    pub(super) totals: BTreeMap<(NaiveDate, Uuid), Total>,
    /// By date of enrolment and course.
    pub(super) starts: BTreeMap<(NaiveDate, Uuid), Start>,
    /// By day.
    pub(super) due: BTreeMap<NaiveDate, FellDue>,
}

/// What was done in a course on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) learners: i64,
    pub(super) events: i64,
    pub(super) seconds: i64,
    pub(super) lessons_completed: i64,
    pub(super) courses_completed: i64,
}

/// Enrolments on a course on a date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) enrolled: i64,
    pub(super) started: i64,
    pub(super) completed: i64,
}

/// Enrolments that fell due on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FellDue {
    pub(super) fell_due: i64,
    pub(super) settled: i64,
}

const GAPS: &str = "INSERT INTO activity_gaps AS t (tenant_id, edition, day, gap, learners)
  SELECT $1, $2, n.* FROM unnest($3, $4, $5) AS n
  ON CONFLICT (tenant_id, edition, day, gap) DO UPDATE SET learners = t.learners + excluded.learners";
const LEVELS: &str = "INSERT INTO activity_levels AS t (tenant_id, edition, day, active_days, learners)
  SELECT $1, $2, n.* FROM unnest($3, $4, $5) AS n
  ON CONFLICT (tenant_id, edition, day, active_days) DO UPDATE SET learners = t.learners + excluded.learners";
const RETENTION: &str = "INSERT INTO activity_retention AS t (tenant_id, edition, began_month, month, learners)
  SELECT $1, $2, n.* FROM unnest($3, $4, $5) AS n
  ON CONFLICT (tenant_id, edition, began_month, month) DO UPDATE SET learners = t.learners + excluded.learners";
const TOTALS: &str = "INSERT INTO activity_totals AS t
  (tenant_id, edition, day, course_id, learners, events, seconds, lessons_completed, courses_completed)
  SELECT $1, $2, n.* FROM unnest($3, $4, $5, $6, $7, $8, $9) AS n
  ON CONFLICT (tenant_id, edition, day, course_id) DO UPDATE SET learners = t.learners + excluded.learners,
    events = t.events + excluded.events, seconds = t.seconds + excluded.seconds,
    lessons_completed = t.lessons_completed + excluded.lessons_completed,
    courses_completed = t.courses_completed + excluded.courses_completed";
const STARTS: &str =
    "INSERT INTO course_starts AS t (tenant_id, edition, enrolled_on, course_id, enrolled, started, completed)
  SELECT $1, $2, n.* FROM unnest($3, $4, $5, $6, $7) AS n
  ON CONFLICT (tenant_id, edition, enrolled_on, course_id) DO UPDATE SET enrolled = t.enrolled + excluded.enrolled,
    started = t.started + excluded.started, completed = t.completed + excluded.completed";
const DUE: &str = "INSERT INTO enrolments_due AS t (tenant_id, edition, day, fell_due, settled)
  SELECT $1, $2, n.* FROM unnest($3, $4, $5) AS n
  ON CONFLICT (tenant_id, edition, day) DO UPDATE SET fell_due = t.fell_due + excluded.fell_due,
    settled = t.settled + excluded.settled";

/// Adds differences to an edition. What comes to nothing is left out.
pub(super) async fn write(tx: &mut TenantTx, edition: &Edition, sums: &Sums) -> Result<()> {
    by_day_and_number(tx, edition, (GAPS, &sums.gaps)).await?;
    by_day_and_number(tx, edition, (LEVELS, &sums.levels)).await?;
    retention(tx, edition, sums).await?;
    totals(tx, edition, sums).await?;
    starts(tx, edition, sums).await?;
    due(tx, edition, sums).await
}

fn changed<K: Copy, V: Copy + Default + PartialEq>(sums: &BTreeMap<K, V>) -> Vec<(K, V)> {
    sums.iter().filter(|(_, sum)| **sum != V::default()).map(|(key, sum)| (*key, *sum)).collect()
}

fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

async fn by_day_and_number(
    tx: &mut TenantTx,
    edition: &Edition,
    (text, sums): (&'static str, &BTreeMap<(NaiveDate, i32), i64>),
) -> Result<()> {
    let (tenant, rows) = (tx.tenant(), changed(sums));
    if rows.is_empty() {
        return Ok(());
    }
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<Date>, _>(column(&rows, |row| row.0.0))
        .bind::<Array<Integer>, _>(column(&rows, |row| row.0.1))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn retention(tx: &mut TenantTx, edition: &Edition, sums: &Sums) -> Result<()> {
    let (tenant, rows) = (tx.tenant(), changed(&sums.retention));
    if rows.is_empty() {
        return Ok(());
    }
    sql(RETENTION)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<Date>, _>(column(&rows, |row| row.0.0))
        .bind::<Array<Date>, _>(column(&rows, |row| row.0.1))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn totals(tx: &mut TenantTx, edition: &Edition, sums: &Sums) -> Result<()> {
    let (tenant, rows) = (tx.tenant(), changed(&sums.totals));
    if rows.is_empty() {
        return Ok(());
    }
    sql(TOTALS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<Date>, _>(column(&rows, |row| row.0.0))
        .bind::<Array<SqlUuid>, _>(column(&rows, |row| row.0.1))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.learners))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.events))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.seconds))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.lessons_completed))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.courses_completed))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn starts(tx: &mut TenantTx, edition: &Edition, sums: &Sums) -> Result<()> {
    let (tenant, rows) = (tx.tenant(), changed(&sums.starts));
    if rows.is_empty() {
        return Ok(());
    }
    sql(STARTS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<Date>, _>(column(&rows, |row| row.0.0))
        .bind::<Array<SqlUuid>, _>(column(&rows, |row| row.0.1))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.enrolled))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.started))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.completed))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn due(tx: &mut TenantTx, edition: &Edition, sums: &Sums) -> Result<()> {
    let (tenant, rows) = (tx.tenant(), changed(&sums.due));
    if rows.is_empty() {
        return Ok(());
    }
    sql(DUE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<Date>, _>(column(&rows, |row| row.0))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.fell_due))
        .bind::<Array<BigInt>, _>(column(&rows, |row| row.1.settled))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
