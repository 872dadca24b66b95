//! Activity as followers are given it: one statement, with the course, the lesson and the score's scale resolved.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    progress::Verb,
};
use uuid::Uuid;

use super::{Activity, ChangedEnrolment, Object, STEP_MAX};

/// Around the rows `p`. The course is that of the learner's standing, which outlives the content; a lesson and an item that
/// were removed are still there to be asked.
macro_rules! resolved {
    ($of:literal, $order:literal) => {
        concat!(
            "SELECT p.user_id, p.object_kind, p.object_id, p.verb, p.occurred_at, p.received_at, p.client_id,
               coalesce(p.position, 0) AS position,
               CASE p.object_kind WHEN 'course' THEN p.object_id ELSE s.course_id END AS course_id,
               CASE p.object_kind WHEN 'lesson' THEN p.object_id ELSE i.lesson_id END AS lesson_id,
               floor(coalesce((p.result ->> 'duration_seconds')::double precision, 0))::bigint AS seconds,
               (p.result ->> 'progress')::double precision AS progress, (p.result ->> 'success')::boolean AS success,
               (p.result #>> '{score,raw}')::double precision AS score_raw,
               coalesce((p.result #>> '{score,min}')::double precision, 0) AS score_min,
               coalesce((p.result #>> '{score,max}')::double precision, i.max_score, 100) AS score_max
             FROM (",
            $of,
            ") p
             LEFT JOIN LATERAL (SELECT x.course_id FROM standings x
               WHERE x.tenant_id = $1 AND x.user_id = p.user_id AND x.object_id = p.object_id OFFSET 0) s ON p.object_kind <> 'course'
             LEFT JOIN LATERAL (SELECT t.lesson_id, x.max_score FROM training_items x
               JOIN trainings t ON t.tenant_id = x.tenant_id AND t.id = x.training_id
               WHERE x.tenant_id = $1 AND x.id = p.object_id OFFSET 0) i ON p.object_kind = 'item'
             ORDER BY ",
            $order
        )
    };
}

/// What one transaction brought is not torn apart, so that a place is taken as a whole.
const NEW: &str = resolved!(
    "SELECT * FROM progress_events e WHERE e.tenant_id = $1 AND e.position > $2 AND e.position < (SELECT stoa_position_horizon())
     ORDER BY e.position FETCH FIRST $3 ROWS WITH TIES",
    "p.position, p.occurred_at, p.client_id"
);

/// Rows without a place, walked along the index of learners' histories.
const PAST: &str = resolved!(
    "SELECT * FROM progress_events e WHERE e.tenant_id = $1 AND e.position IS NULL
       AND (e.user_id, e.occurred_at, e.client_id) > ($2, $3, $4)
     ORDER BY e.user_id, e.occurred_at, e.client_id LIMIT $5",
    "p.user_id, p.occurred_at, p.client_id"
);

/// What was taken is gone with the same statement; nobody writes below the horizon any more.
const ENROLMENTS: &str = "WITH taken AS (
  DELETE FROM enrolment_changes c WHERE (c.tenant_id, c.position, c.course_id, c.user_id) IN (
    SELECT n.tenant_id, n.position, n.course_id, n.user_id FROM enrolment_changes n
    WHERE n.tenant_id = $1 AND n.position < (SELECT stoa_position_horizon())
    ORDER BY n.position, n.course_id, n.user_id LIMIT $2)
  RETURNING c.course_id, c.user_id
)
SELECT course_id, user_id, count(*) AS changes FROM taken GROUP BY course_id, user_id ORDER BY course_id, user_id";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    object_kind: String,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = Text)]
    verb: String,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    client_id: String,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    course_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    lesson_id: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
    #[diesel(sql_type = Nullable<Double>)]
    progress: Option<f64>,
    #[diesel(sql_type = Nullable<Bool>)]
    success: Option<bool>,
    #[diesel(sql_type = Nullable<Double>)]
    score_raw: Option<f64>,
    #[diesel(sql_type = Double)]
    score_min: f64,
    #[diesel(sql_type = Double)]
    score_max: f64,
}

impl From<Row> for Activity {
    fn from(row: Row) -> Self {
        let scale = row.score_max - row.score_min;
        let score = row.score_raw.filter(|_| scale > 0.0).map(|raw| ((raw - row.score_min) / scale).clamp(0.0, 1.0));
        Self {
            user_id: Id::from_uuid(row.user_id),
            object: match row.object_kind.as_str() {
                "course" => Object::Course(Id::from_uuid(row.object_id)),
                "lesson" => Object::Lesson(Id::from_uuid(row.object_id)),
                _ => Object::Item(Id::from_uuid(row.object_id)),
            },
            course_id: row.course_id.map(Id::from_uuid),
            lesson_id: row.lesson_id.map(Id::from_uuid),
            verb: Verb::ALL.into_iter().find(|verb| verb.as_str() == row.verb).unwrap_or_default(),
            seconds: row.seconds,
            progress: row.progress,
            score,
            success: row.success,
            occurred_at: row.occurred_at,
            received_at: row.received_at,
            client_id: row.client_id,
            position: row.position,
        }
    }
}

/// Activity behind a place, whole transactions.
pub(super) async fn new(tx: &mut TenantTx, after: i64) -> Result<Vec<Activity>> {
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(NEW)
        .bind::<SqlUuid, _>(tenant)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(STEP_MAX)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(Activity::from).collect())
}

/// Where the walk through the past has come to: learner, time, and the sender's own id.
pub(super) type PastPlace = (Uuid, DateTime<Utc>, String);

/// Activity without a place, behind what was taken of it.
pub(super) async fn past(tx: &mut TenantTx, after: PastPlace) -> Result<Vec<Activity>> {
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(PAST)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(after.0)
        .bind::<Timestamptz, _>(after.1)
        .bind::<Text, _>(after.2)
        .bind::<BigInt, _>(STEP_MAX)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(Activity::from).collect())
}

/// Takes enrolments that changed, each once however often it did, and says how many changes that were.
pub(super) async fn enrolments(tx: &mut TenantTx) -> Result<(Vec<ChangedEnrolment>, i64)> {
    #[derive(QueryableByName)]
    struct Changed {
        #[diesel(sql_type = SqlUuid)]
        course_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        user_id: Uuid,
        #[diesel(sql_type = BigInt)]
        changes: i64,
    }
    let tenant = tx.tenant();
    let rows: Vec<Changed> = sql(ENROLMENTS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<BigInt, _>(STEP_MAX)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let taken = rows.iter().map(|row| row.changes).sum();
    let changed = rows
        .into_iter()
        .map(|row| ChangedEnrolment { course_id: Id::from_uuid(row.course_id), user_id: Id::from_uuid(row.user_id) });
    Ok((changed.collect(), taken))
}
