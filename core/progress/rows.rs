//! The rows of standings and enrolments, and nothing else.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::{ObjectKind, Score};
use uuid::Uuid;

use super::standing::{Key, Standing};
use crate::id::{Id, TenantId};

#[derive(QueryableByName)]
pub(crate) struct StandingRow {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = Text)]
    object_kind: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = SqlUuid)]
    course_id: Uuid,
    #[diesel(sql_type = Integer)]
    progress: i32,
    #[diesel(sql_type = Nullable<Bool>)]
    success: Option<bool>,
    #[diesel(sql_type = Nullable<Double>)]
    score_raw: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    score_min: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    score_max: Option<f64>,
    #[diesel(sql_type = Nullable<Integer>)]
    best_score: Option<i32>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = BigInt)]
    time_spent_seconds: i64,
    #[diesel(sql_type = BigInt)]
    untold_seconds: i64,
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    started_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    completed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    waived_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    last_occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
}

impl From<StandingRow> for Standing {
    fn from(row: StandingRow) -> Self {
        let score = match (row.score_raw, row.score_min, row.score_max) {
            (Some(raw), Some(min), Some(max)) => Some(Score { raw, min, max }),
            _ => None,
        };
        Self {
            key: Key { tenant: TenantId::from_uuid(row.tenant_id), user: row.user_id, object: row.object_id },
            kind: kind_named(&row.object_kind),
            id: Id::from_uuid(row.id),
            number: row.number,
            course: row.course_id,
            progress: row.progress,
            success: row.success,
            score,
            best_score: row.best_score,
            attempts: row.attempts,
            time_spent_seconds: row.time_spent_seconds,
            untold_seconds: row.untold_seconds,
            revision: row.revision,
            started_at: row.started_at,
            completed_at: row.completed_at,
            waived_at: row.waived_at,
            last_occurred_at: row.last_occurred_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn kind_named(text: &str) -> ObjectKind {
    let kinds = [ObjectKind::Course, ObjectKind::Lesson, ObjectKind::Training];
    kinds.into_iter().find(|kind| kind.as_str() == text).unwrap_or(ObjectKind::Item)
}

/// An enrolment as ingest sees it.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct EnrolmentRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) user_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) course_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) enrolled_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) completed_at: Option<DateTime<Utc>>,
}
