//! What is read of the record for reports: one row for each learner on a course, page by page.
//!
//! Not here: the standings themselves (`stats`), and how a surface says it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::Score;
use uuid::Uuid;

use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
};

/// A learner on a course, and how he stands there.
#[derive(Debug, Clone, QueryableByName)]
pub struct ReportRow {
    /// The enrolment.
    #[diesel(sql_type = SqlUuid)]
    pub enrolment_id: Uuid,
    /// The learner.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// Address as it was given.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Given name.
    #[diesel(sql_type = Text)]
    pub first_name: String,
    /// Family name.
    #[diesel(sql_type = Text)]
    pub last_name: String,
    /// The learner has left the institution.
    #[diesel(sql_type = Bool)]
    pub user_removed: bool,
    /// The course.
    #[diesel(sql_type = SqlUuid)]
    pub course_id: Id<id::Course>,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub course_title: String,
    /// It was deleted.
    #[diesel(sql_type = Bool)]
    pub course_deleted: bool,
    /// The learner may learn on it.
    #[diesel(sql_type = Bool)]
    pub on_course: bool,
    /// How far, 0 to 10000 basis points.
    #[diesel(sql_type = Integer)]
    pub progress: i32,
    /// Passed or failed; none while unknown.
    #[diesel(sql_type = Nullable<Bool>)]
    pub success: Option<bool>,
    #[diesel(sql_type = Nullable<Double>)]
    score_raw: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    score_min: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    score_max: Option<f64>,
    /// Sum of reported durations.
    #[diesel(sql_type = BigInt)]
    pub time_spent_seconds: i64,
    /// First activity.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    /// First completion.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub completed_at: Option<DateTime<Utc>>,
    /// When the course should be done.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    /// Lessons of the course that the learner has completed.
    #[diesel(sql_type = BigInt)]
    pub lessons_completed: i64,
}

impl ReportRow {
    /// A believable one, for documentation.
    pub fn sample() -> Self {
        let at = DateTime::from_timestamp(1_795_251_600, 123_000_000).unwrap_or_default();
        let id = Uuid::from_u128(0x0190_8a5d_ac96_774b_bcce_b302_099a_8057);
        Self {
            enrolment_id: id,
            user_id: Id::from_uuid(id),
            email: "minjun@school.example".to_owned(),
            first_name: "민준".to_owned(),
            last_name: "김".to_owned(),
            user_removed: false,
            course_id: Id::from_uuid(id),
            course_title: "Everyday Korean".to_owned(),
            course_deleted: false,
            on_course: true,
            progress: 10_000,
            success: Some(true),
            score_raw: Some(8.5),
            score_min: Some(0.0),
            score_max: Some(10.0),
            time_spent_seconds: 1_440,
            started_at: Some(at),
            completed_at: Some(at),
            due_at: None,
            lessons_completed: 4,
        }
    }

    /// Score of the latest attempt, in basis points of its scale.
    pub fn score(&self) -> Option<i32> {
        let score = Score { raw: self.score_raw?, min: self.score_min?, max: self.score_max? };
        Some(score.basis_points())
    }
}

macro_rules! rows {
    ($which:literal) => {
        concat!(
            "SELECT e.id AS enrolment_id, e.user_id, u.email, u.first_name, u.last_name, m.status = 'removed' AS user_removed,
               e.course_id, c.title AS course_title, c.deleted_at IS NOT NULL AS course_deleted, e.status <> 'removed' AS on_course,
               coalesce(s.progress, 0) AS progress, s.success, s.score_raw, s.score_min, s.score_max,
               coalesce(s.time_spent_seconds, 0) AS time_spent_seconds, s.started_at, s.completed_at, e.due_at,
               (SELECT count(*) FROM standings l
                WHERE l.tenant_id = e.tenant_id AND l.course_id = e.course_id AND l.user_id = e.user_id
                  AND l.object_kind = 'lesson' AND l.completed_at IS NOT NULL) AS lessons_completed
             FROM enrolments e
             JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
             JOIN memberships m ON m.tenant_id = e.tenant_id AND m.user_id = e.user_id
             JOIN courses c ON c.tenant_id = e.tenant_id AND c.id = e.course_id
             LEFT JOIN standings s ON s.tenant_id = e.tenant_id AND s.user_id = e.user_id AND s.object_id = e.course_id
             WHERE e.tenant_id = $1 AND ",
            $which
        )
    };
}
const ACTIVITY: &str =
    rows!("$2 IS NULL AND ($3 IS NULL OR e.id > $3) AND s.started_at IS NOT NULL ORDER BY e.id LIMIT $4");
const OF_COURSE: &str =
    rows!("e.course_id = $2 AND ($3 IS NULL OR e.user_id > $3) AND e.status <> 'removed' ORDER BY e.user_id LIMIT $4");
const OF_LEARNER: &str = rows!(
    "e.user_id = $2 AND ($3 IS NULL OR e.course_id > $3) AND e.status <> 'removed' ORDER BY e.course_id LIMIT $4"
);

/// Which rows are wanted, and in which order they come.
#[derive(Debug, Clone, Copy)]
pub enum Report {
    /// All learners who have begun, by age of the enrolment.
    Activity,
    /// Those on a course, by age of the learner.
    OfCourse(Id<id::Course>),
    /// Those of a learner, by age of the course.
    OfLearner(Id<id::User>),
}

/// Reads the rows after one, which is named by what they are sorted by.
///
/// # Errors
/// As the database says.
pub async fn report(tx: &mut TenantTx, report: Report, (after, limit): (Option<Uuid>, i64)) -> Result<Vec<ReportRow>> {
    let (text, of) = match report {
        Report::Activity => (ACTIVITY, None),
        Report::OfCourse(course) => (OF_COURSE, Some(course.uuid())),
        Report::OfLearner(learner) => (OF_LEARNER, Some(learner.uuid())),
    };
    let tenant = tx.tenant();
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(of)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Finds when people were last active. What is done in a course is done on it, so courses are enough.
///
/// # Errors
/// As the database says.
pub async fn last_active(tx: &mut TenantTx, users: &[Id<id::User>]) -> Result<HashMap<Id<id::User>, DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        user_id: Id<id::User>,
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
    }
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql("SELECT s.user_id, max(s.last_occurred_at) AS at FROM standings s
         WHERE s.tenant_id = $1 AND s.user_id = ANY ($2) AND s.object_kind = 'course' AND s.started_at IS NOT NULL
         GROUP BY s.user_id")
    .bind::<SqlUuid, _>(tenant)
    .bind::<Array<SqlUuid>, _>(users.iter().map(|user| user.uuid()).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.at)).collect())
}
