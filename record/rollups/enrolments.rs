//! Enrolments counted: how each stands, how it was counted, and the difference for the sums.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use super::{editions::Edition, sums::Sums};
use crate::following::ChangedEnrolment;

/// Which of the enrolments that are named are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All.
    All,
    /// Those that were counted as not begun.
    NotStarted,
}

/// An enrolment as it stands, or as it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counted {
    enrolled_on: NaiveDate,
    started: bool,
    completed_on: Option<NaiveDate>,
    fell_due_at: Option<DateTime<Utc>>,
    fell_due_on: Option<NaiveDate>,
    settled_on: Option<NaiveDate>,
}

/// An enrolment that was taken off before it was completed is not there. `$6` looks at those alone that were counted as not
/// begun.
const LOOK: &str = "SELECT k.course_id, k.user_id, (e.enrolled_at AT TIME ZONE $3)::date AS enrolled_on,
  s.started_at IS NOT NULL AS started, (e.completed_at AT TIME ZONE $3)::date AS completed_on, d.at AS fell_due_at,
  (d.at AT TIME ZONE $3)::date AS fell_due_on,
  CASE WHEN d.at IS NOT NULL THEN (e.completed_at AT TIME ZONE $3)::date END AS settled_on,
  c.enrolled_on AS was_enrolled_on, coalesce(c.started, false) AS was_started, c.completed_on AS was_completed_on,
  c.fell_due_at AS had_fallen_due_at, c.fell_due_on AS had_fallen_due_on, c.settled_on AS was_settled_on
FROM unnest($4, $5) AS k(course_id, user_id)
LEFT JOIN LATERAL (SELECT x.enrolled_at, x.completed_at, x.due_at FROM enrolments x WHERE x.tenant_id = $1
  AND x.course_id = k.course_id AND x.user_id = k.user_id AND (x.status <> 'removed' OR x.completed_at IS NOT NULL) OFFSET 0) e ON true
LEFT JOIN LATERAL (SELECT e.due_at AS at WHERE e.completed_at IS NULL OR e.completed_at > e.due_at) d ON true
LEFT JOIN LATERAL (SELECT x.started_at FROM standings x
  WHERE x.tenant_id = $1 AND x.user_id = k.user_id AND x.object_id = k.course_id OFFSET 0) s ON true
LEFT JOIN LATERAL (SELECT * FROM enrolments_counted x
  WHERE x.tenant_id = $1 AND x.edition = $2 AND x.user_id = k.user_id AND x.course_id = k.course_id OFFSET 0) c ON true
WHERE NOT $6 OR NOT c.started";

const PUT: &str = "INSERT INTO enrolments_counted
  (tenant_id, edition, user_id, course_id, enrolled_on, started, completed_on, fell_due_at, fell_due_on, settled_on)
  SELECT $1, $2, n.* FROM unnest($3, $4, $5, $6, $7, $8, $9, $10) AS n
  ON CONFLICT (tenant_id, edition, user_id, course_id) DO UPDATE SET enrolled_on = excluded.enrolled_on,
    started = excluded.started, completed_on = excluded.completed_on, fell_due_at = excluded.fell_due_at,
    fell_due_on = excluded.fell_due_on, settled_on = excluded.settled_on";

const DROP: &str = "DELETE FROM enrolments_counted c USING unnest($3, $4) AS k(user_id, course_id)
  WHERE c.tenant_id = $1 AND c.edition = $2 AND c.user_id = k.user_id AND c.course_id = k.course_id";

/// Counts enrolments as they stand instead of as they were counted, and gathers the difference for the sums.
pub(super) async fn recount(
    tx: &mut TenantTx,
    edition: &Edition,
    (enrolments, which): (&[ChangedEnrolment], Which),
    sums: &mut Sums,
) -> Result<()> {
    if enrolments.is_empty() {
        return Ok(());
    }
    let rows = look(tx, edition, (enrolments, which)).await?;
    let changed: Vec<&Row> = rows.iter().filter(|row| row.stands() != row.was_counted()).collect();
    for row in &changed {
        if let Some(before) = row.was_counted() {
            before.add_to(sums, row.course_id, -1);
        }
        if let Some(now) = row.stands() {
            now.add_to(sums, row.course_id, 1);
        }
    }
    let put: Vec<(&Row, Counted)> =
        changed.iter().filter_map(|row| row.stands().map(|counted| (*row, counted))).collect();
    write(tx, edition, &put).await?;
    let gone: Vec<&Row> = changed.into_iter().filter(|row| row.stands().is_none()).collect();
    drop_counted(tx, edition, &gone).await
}

impl Counted {
    fn add_to(self, sums: &mut Sums, course: Uuid, one: i64) {
        let start = sums.starts.entry((self.enrolled_on, course)).or_default();
        start.enrolled += one;
        start.started += if self.started { one } else { 0 };
        start.completed += if self.completed_on.is_some() { one } else { 0 };
        if let Some(day) = self.completed_on {
            sums.totals.entry((day, course)).or_default().courses_completed += one;
        }
        if let Some(day) = self.fell_due_on {
            sums.due.entry(day).or_default().fell_due += one;
        }
        if let Some(day) = self.settled_on {
            sums.due.entry(day).or_default().settled += one;
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    course_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Nullable<Date>)]
    enrolled_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    started: bool,
    #[diesel(sql_type = Nullable<Date>)]
    completed_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    fell_due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    fell_due_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    settled_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    was_enrolled_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    was_started: bool,
    #[diesel(sql_type = Nullable<Date>)]
    was_completed_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    had_fallen_due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    had_fallen_due_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    was_settled_on: Option<NaiveDate>,
}

impl Row {
    fn stands(&self) -> Option<Counted> {
        Some(Counted {
            enrolled_on: self.enrolled_on?,
            started: self.started,
            completed_on: self.completed_on,
            fell_due_at: self.fell_due_at,
            fell_due_on: self.fell_due_on,
            settled_on: self.settled_on,
        })
    }

    fn was_counted(&self) -> Option<Counted> {
        Some(Counted {
            enrolled_on: self.was_enrolled_on?,
            started: self.was_started,
            completed_on: self.was_completed_on,
            fell_due_at: self.had_fallen_due_at,
            fell_due_on: self.had_fallen_due_on,
            settled_on: self.was_settled_on,
        })
    }
}

async fn look(
    tx: &mut TenantTx,
    edition: &Edition,
    (enrolments, which): (&[ChangedEnrolment], Which),
) -> Result<Vec<Row>> {
    let tenant = tx.tenant();
    sql(LOOK)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Text, _>(&edition.time_zone)
        .bind::<Array<SqlUuid>, _>(enrolments.iter().map(|one| one.course_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(enrolments.iter().map(|one| one.user_id.uuid()).collect::<Vec<_>>())
        .bind::<Bool, _>(which == Which::NotStarted)
        .load(tx.connection())
        .await
        .map_err(failed)
}

async fn write(tx: &mut TenantTx, edition: &Edition, put: &[(&Row, Counted)]) -> Result<()> {
    if put.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    sql(PUT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<SqlUuid>, _>(column(put, |(row, _)| row.user_id))
        .bind::<Array<SqlUuid>, _>(column(put, |(row, _)| row.course_id))
        .bind::<Array<Date>, _>(column(put, |(_, counted)| counted.enrolled_on))
        .bind::<Array<Bool>, _>(column(put, |(_, counted)| counted.started))
        .bind::<Array<Nullable<Date>>, _>(column(put, |(_, counted)| counted.completed_on))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(put, |(_, counted)| counted.fell_due_at))
        .bind::<Array<Nullable<Date>>, _>(column(put, |(_, counted)| counted.fell_due_on))
        .bind::<Array<Nullable<Date>>, _>(column(put, |(_, counted)| counted.settled_on))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn drop_counted(tx: &mut TenantTx, edition: &Edition, gone: &[&Row]) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    sql(DROP)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(edition.number)
        .bind::<Array<SqlUuid>, _>(column(gone, |row| row.user_id))
        .bind::<Array<SqlUuid>, _>(column(gone, |row| row.course_id))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
