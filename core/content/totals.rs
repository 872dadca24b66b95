//! How much there is in a course, where a list shows it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Double, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
};

/// What a course adds up to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Living items.
    pub items: i64,
    /// Sum of their highest scores.
    pub score: f64,
    /// Learners on it, whether they have completed it or not.
    pub learners: i64,
    /// Latest activity of any learner.
    pub last_activity_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Course>,
    #[diesel(sql_type = BigInt)]
    items: i64,
    #[diesel(sql_type = Double)]
    score: f64,
    #[diesel(sql_type = BigInt)]
    learners: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_activity_at: Option<DateTime<Utc>>,
}

const TOTALS: &str = "SELECT c.id, i.items, i.score, e.learners, s.last_activity_at
FROM unnest($2) AS c(id)
CROSS JOIN LATERAL (
  SELECT count(*) AS items, coalesce(sum(i.max_score), 0) AS score
  FROM lessons l
  JOIN trainings t ON t.tenant_id = l.tenant_id AND t.lesson_id = l.id AND t.deleted_at IS NULL
  JOIN training_items i ON i.tenant_id = t.tenant_id AND i.training_id = t.id AND i.deleted_at IS NULL
  WHERE l.tenant_id = $1 AND l.course_id = c.id AND l.deleted_at IS NULL) i
CROSS JOIN LATERAL (
  SELECT count(*) AS learners FROM enrolments e
  WHERE e.tenant_id = $1 AND e.course_id = c.id AND e.status <> 'removed') e
CROSS JOIN LATERAL (
  SELECT max(s.last_occurred_at) AS last_activity_at FROM standings s
  WHERE s.tenant_id = $1 AND s.object_kind = 'course' AND s.course_id = c.id AND s.started_at IS NOT NULL) s";

/// Adds up what is in courses, all in one statement.
///
/// # Errors
/// As the database says.
pub async fn totals(tx: &mut TenantTx, courses: &[Id<id::Course>]) -> Result<HashMap<Id<id::Course>, Totals>> {
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(TOTALS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(courses.iter().map(|course| course.uuid()).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let totals = |row: Row| Totals {
        items: row.items,
        score: row.score,
        learners: row.learners,
        last_activity_at: row.last_activity_at,
    };
    Ok(rows.into_iter().map(|row| (row.id, totals(row))).collect())
}
