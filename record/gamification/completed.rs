//! What activity completed for the first time: the standings say so.
//!
//! A lesson and a course are completed by what is done in them, at the time at which it is done, and that time never
//! moves. So an activity has completed what stands completed since exactly then.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use super::rules::Deed;
use crate::following::Activity;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Text)]
    object_kind: String,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
}

const COMPLETED: &str = "SELECT k.place, s.object_kind, s.object_id
  FROM unnest($2, $3, $4, $5) AS k(place, user_id, object_id, at)
  JOIN standings s ON s.tenant_id = $1 AND s.user_id = k.user_id AND s.object_id = k.object_id
  WHERE s.completed_at = k.at AND s.object_kind IN ('item', 'lesson', 'course') ORDER BY k.place";

/// What each activity completed: its place among them, what for, and which object.
pub(super) async fn completed(tx: &mut TenantTx, activities: &[Activity]) -> Result<Vec<(usize, Deed, Uuid)>> {
    let mut asked: Vec<(i64, Uuid, Uuid, DateTime<Utc>)> = Vec::new();
    for (place, activity) in
        (0..).zip(activities).filter(|(_, activity)| activity.completes() || activity.score.is_some())
    {
        let own = Some(activity.object.uuid());
        let lesson = activity.lesson_id.map(stoa_core::Id::uuid).filter(|lesson| Some(*lesson) != own);
        let course = activity.course_id.map(stoa_core::Id::uuid).filter(|course| Some(*course) != own);
        for object in [own, lesson, course].into_iter().flatten() {
            asked.push((place, activity.user_id.uuid(), object, activity.occurred_at));
        }
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(COMPLETED)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<BigInt>, _>(asked.iter().map(|ask| ask.0).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(asked.iter().map(|ask| ask.1).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(asked.iter().map(|ask| ask.2).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(asked.iter().map(|ask| ask.3).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let deeds = rows.into_iter().filter_map(|row| {
        let deed = match row.object_kind.as_str() {
            "item" => Deed::ItemCompleted,
            "lesson" => Deed::LessonCompleted,
            _ => Deed::CourseCompleted,
        };
        Some((usize::try_from(row.place).ok()?, deed, row.object_id))
    });
    Ok(deeds.collect())
}
