//! Statements of ingest: what a batch loads and what it writes, one statement a step.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    rows::{EnrolmentRow, StandingRow},
    standing::{Key, Standing},
};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    events::uuid_array,
    id::TenantId,
};

/// A learner on a course.
pub(crate) type Attendance = (TenantId, Uuid, Uuid);

/// An event that was accepted before, and what it caused then.
#[derive(QueryableByName)]
pub(crate) struct KnownRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) tenant_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) client_id: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub(crate) event_ids: Vec<Uuid>,
}

/// Finds which of these client ids were accepted before.
pub(crate) async fn known(tx: &mut TenantTx, ids: &[(TenantId, &str)]) -> Result<Vec<KnownRow>> {
    sql("SELECT p.tenant_id, p.client_id, p.event_ids
         FROM unnest($1, $2) AS k(tenant_id, client_id)
         JOIN progress_events p ON p.tenant_id = k.tenant_id AND p.client_id = k.client_id")
    .bind::<Array<SqlUuid>, _>(ids.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(ids.iter().map(|(_, id)| *id).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)
}

/// Loads named standings.
pub(crate) async fn standings(tx: &mut TenantTx, keys: &[Key]) -> Result<Vec<Standing>> {
    let rows: Vec<StandingRow> = sql("SELECT s.* FROM unnest($1, $2, $3) AS k(tenant_id, user_id, object_id)
         JOIN standings s ON s.tenant_id = k.tenant_id AND s.user_id = k.user_id AND s.object_id = k.object_id")
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.user).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.object).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(Standing::from).collect())
}

/// Loads all standings of learners on whole courses.
pub(crate) async fn standings_on(tx: &mut TenantTx, attended: &[Attendance]) -> Result<Vec<Standing>> {
    if attended.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<StandingRow> = sql("SELECT s.* FROM unnest($1, $2, $3) AS k(tenant_id, user_id, course_id)
         JOIN standings s ON s.tenant_id = k.tenant_id AND s.course_id = k.course_id AND s.user_id = k.user_id")
    .bind::<Array<SqlUuid>, _>(attended.iter().map(|key| key.0.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(attended.iter().map(|key| key.1).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(attended.iter().map(|key| key.2).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(Standing::from).collect())
}

/// Loads enrolments.
pub(crate) async fn enrolments(tx: &mut TenantTx, attended: &[Attendance]) -> Result<Vec<EnrolmentRow>> {
    sql("SELECT e.tenant_id, e.user_id, e.course_id, e.id, e.status, e.enrolled_at, e.due_at, e.completed_at
         FROM unnest($1, $2, $3) AS k(tenant_id, user_id, course_id)
         JOIN enrolments e ON e.tenant_id = k.tenant_id AND e.course_id = k.course_id AND e.user_id = k.user_id")
    .bind::<Array<SqlUuid>, _>(attended.iter().map(|key| key.0.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(attended.iter().map(|key| key.1).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(attended.iter().map(|key| key.2).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

const INSERT_STANDINGS: &str =
    "INSERT INTO standings (tenant_id, user_id, object_id, object_kind, id, course_id, progress, success,
  score_raw, score_min, score_max, best_score, attempts, time_spent_seconds, untold_seconds, revision, started_at,
  completed_at, last_occurred_at, created_at, updated_at)
SELECT s.*, $20, $20
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) AS s
RETURNING id, number";

/// Writes standings that were not there, and answers the number that each was given.
pub(crate) async fn insert_standings(tx: &mut TenantTx, new: &[&Standing]) -> Result<Vec<(Uuid, i64)>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let rows: Vec<NumberRow> = sql(INSERT_STANDINGS)
        .bind::<Array<SqlUuid>, _>(column(new, |s| s.key.tenant.uuid()))
        .bind::<Array<SqlUuid>, _>(column(new, |s| s.key.user))
        .bind::<Array<SqlUuid>, _>(column(new, |s| s.key.object))
        .bind::<Array<Text>, _>(column(new, |s| s.kind.as_str()))
        .bind::<Array<SqlUuid>, _>(column(new, |s| s.id.uuid()))
        .bind::<Array<SqlUuid>, _>(column(new, |s| s.course))
        .bind::<Array<Integer>, _>(column(new, |s| s.progress))
        .bind::<Array<Nullable<Bool>>, _>(column(new, |s| s.success))
        .bind::<Array<Nullable<Double>>, _>(column(new, |s| s.score.map(|score| score.raw)))
        .bind::<Array<Nullable<Double>>, _>(column(new, |s| s.score.map(|score| score.min)))
        .bind::<Array<Nullable<Double>>, _>(column(new, |s| s.score.map(|score| score.max)))
        .bind::<Array<Nullable<Integer>>, _>(column(new, |s| s.best_score))
        .bind::<Array<Integer>, _>(column(new, |s| s.attempts))
        .bind::<Array<BigInt>, _>(column(new, |s| s.time_spent_seconds))
        .bind::<Array<BigInt>, _>(column(new, |s| s.untold_seconds))
        .bind::<Array<Integer>, _>(column(new, |s| s.revision))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(new, |s| s.started_at))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(new, |s| s.completed_at))
        .bind::<Array<Timestamptz>, _>(column(new, |s| s.last_occurred_at))
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.id, row.number)).collect())
}

const UPDATE_STANDINGS: &str =
    "UPDATE standings SET progress = s.progress, success = s.success, score_raw = s.score_raw,
  score_min = s.score_min, score_max = s.score_max, best_score = s.best_score, attempts = s.attempts,
  time_spent_seconds = s.time_spent_seconds, untold_seconds = s.untold_seconds, revision = s.revision,
  started_at = s.started_at, completed_at = s.completed_at, last_occurred_at = s.last_occurred_at,
  updated_at = s.updated_at
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
  AS s(tenant_id, user_id, object_id, progress, success, score_raw, score_min, score_max, best_score, attempts,
    time_spent_seconds, untold_seconds, revision, started_at, completed_at, last_occurred_at, updated_at)
WHERE standings.tenant_id = s.tenant_id AND standings.user_id = s.user_id AND standings.object_id = s.object_id";

/// Writes standings that changed.
pub(crate) async fn update_standings(tx: &mut TenantTx, changed: &[&Standing]) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    sql(UPDATE_STANDINGS)
        .bind::<Array<SqlUuid>, _>(column(changed, |s| s.key.tenant.uuid()))
        .bind::<Array<SqlUuid>, _>(column(changed, |s| s.key.user))
        .bind::<Array<SqlUuid>, _>(column(changed, |s| s.key.object))
        .bind::<Array<Integer>, _>(column(changed, |s| s.progress))
        .bind::<Array<Nullable<Bool>>, _>(column(changed, |s| s.success))
        .bind::<Array<Nullable<Double>>, _>(column(changed, |s| s.score.map(|score| score.raw)))
        .bind::<Array<Nullable<Double>>, _>(column(changed, |s| s.score.map(|score| score.min)))
        .bind::<Array<Nullable<Double>>, _>(column(changed, |s| s.score.map(|score| score.max)))
        .bind::<Array<Nullable<Integer>>, _>(column(changed, |s| s.best_score))
        .bind::<Array<Integer>, _>(column(changed, |s| s.attempts))
        .bind::<Array<BigInt>, _>(column(changed, |s| s.time_spent_seconds))
        .bind::<Array<BigInt>, _>(column(changed, |s| s.untold_seconds))
        .bind::<Array<Integer>, _>(column(changed, |s| s.revision))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(changed, |s| s.started_at))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(changed, |s| s.completed_at))
        .bind::<Array<Timestamptz>, _>(column(changed, |s| s.last_occurred_at))
        .bind::<Array<Timestamptz>, _>(column(changed, |s| s.updated_at))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Writes enrolments, new and changed.
pub(crate) async fn put_enrolments(tx: &mut TenantTx, changed: &[&EnrolmentRow]) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    sql("INSERT INTO enrolments (tenant_id, id, course_id, user_id, status, enrolled_at, due_at, completed_at, created_at, updated_at)
         SELECT e.*, $9, $9 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS e
         ON CONFLICT (tenant_id, course_id, user_id)
         DO UPDATE SET status = excluded.status, completed_at = excluded.completed_at, updated_at = excluded.updated_at")
    .bind::<Array<SqlUuid>, _>(column(changed, |e| e.tenant_id))
    .bind::<Array<SqlUuid>, _>(column(changed, |e| e.id))
    .bind::<Array<SqlUuid>, _>(column(changed, |e| e.course_id))
    .bind::<Array<SqlUuid>, _>(column(changed, |e| e.user_id))
    .bind::<Array<Text>, _>(column(changed, |e| e.status.as_str()))
    .bind::<Array<Timestamptz>, _>(column(changed, |e| e.enrolled_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(changed, |e| e.due_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(changed, |e| e.completed_at))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

/// An accepted event as it is kept.
pub(crate) struct AcceptedRow<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) client_id: &'a str,
    pub(crate) user: Uuid,
    pub(crate) object_kind: &'static str,
    pub(crate) object: Uuid,
    pub(crate) verb: &'static str,
    pub(crate) result: Option<serde_json::Value>,
    pub(crate) event_ids: Vec<Uuid>,
    pub(crate) occurred_at: DateTime<Utc>,
}

/// Keeps accepted events, in the order of their keys so that two batches never wait for each other in a ring.
/// Answers how many were new.
pub(crate) async fn keep(tx: &mut TenantTx, mut accepted: Vec<AcceptedRow<'_>>) -> Result<usize> {
    if accepted.is_empty() {
        return Ok(0);
    }
    accepted.sort_by(|a, b| (a.tenant, a.client_id).cmp(&(b.tenant, b.client_id)));
    let (accepted, now) = (accepted.as_slice(), tx.now());
    sql("INSERT INTO progress_events (tenant_id, client_id, user_id, object_kind, object_id, verb, result, event_ids, occurred_at, received_at, position)
         SELECT tenant_id, client_id, user_id, object_kind, object_id, verb, result, event_ids::uuid[], occurred_at, $10,
           (SELECT stoa_position())
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
           AS p(tenant_id, client_id, user_id, object_kind, object_id, verb, result, event_ids, occurred_at)
         ON CONFLICT (tenant_id, client_id) DO NOTHING")
    .bind::<Array<SqlUuid>, _>(column(accepted, |row| row.tenant.uuid()))
    .bind::<Array<Text>, _>(column(accepted, |row| row.client_id))
    .bind::<Array<SqlUuid>, _>(column(accepted, |row| row.user))
    .bind::<Array<Text>, _>(column(accepted, |row| row.object_kind))
    .bind::<Array<SqlUuid>, _>(column(accepted, |row| row.object))
    .bind::<Array<Text>, _>(column(accepted, |row| row.verb))
    .bind::<Array<Nullable<Jsonb>>, _>(column(accepted, |row| row.result.clone()))
    .bind::<Array<Text>, _>(column(accepted, |row| uuid_array(&row.event_ids)))
    .bind::<Array<Timestamptz>, _>(column(accepted, |row| row.occurred_at))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)
}

fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
