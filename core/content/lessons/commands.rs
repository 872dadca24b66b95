//! What may be done with lessons.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{KIND, Lesson, LessonChange, NewLesson, check, hold};
use crate::{
    content::{Cefr, courses, noted, owned, removal},
    db::{Guard, TenantTx, sql, taken},
    error::{Error, Result},
    id,
    key::Key,
};

/// Answers the number and the position, which is the last one's plus one where none is given.
const INSERT: &str = "INSERT INTO lessons
  (tenant_id, id, external_id, title, kind, position, required, weight, duration_minutes, skills, cefr, version,
   created_at, updated_at, course_id)
  VALUES ($1, $2, $3, $4, $5,
    coalesce($6, (SELECT max(position) + 1 FROM lessons WHERE tenant_id = $1 AND course_id = $14 AND deleted_at IS NULL), 1),
    $7, $8, $9, $10, $11, $12, $13, $13, $14)
  RETURNING number, position";

const UPDATE: &str = "UPDATE lessons SET
  external_id = $3, title = $4, kind = $5, position = $6, required = $7, weight = $8, duration_minutes = $9,
  skills = $10, cefr = $11, version = $12, updated_at = $13
  WHERE tenant_id = $1 AND id = $2 AND course_id = $14 RETURNING number, position";

const GUARDS: [Guard; 1] =
    [("lessons_living_external_id", "/external_id", "another lesson of this institution has the same external id")];

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Integer)]
    position: i32,
}

/// Makes a lesson.
///
/// # Errors
/// `validation_failed`, also when there is no such course; `conflict` when the external id is taken.
pub async fn create(tx: &mut TenantTx, new: NewLesson) -> Result<Lesson> {
    let course = courses::hold(tx, &new.course_id).await?;
    let course = course.ok_or_else(|| Error::invalid_field("/course_id", "not_found", "no such course"))?;
    owned(course.source_id)?;
    let position = new.position;
    let mut lesson = Lesson {
        id: tx.new_id(),
        number: 0,
        course_id: course.id,
        external_id: new.external_id,
        title: new.title,
        kind: new.kind.unwrap_or_else(|| KIND.to_owned()),
        position: position.unwrap_or(1),
        required: new.required.unwrap_or(true),
        weight: new.weight.unwrap_or(1),
        duration_minutes: new.duration_minutes,
        skills: new.skills,
        cefr: new.cefr,
        completable: false,
        source_id: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
    };
    check(&mut lesson)?;
    let written = write(tx, INSERT, &lesson, position).await?;
    let lesson = Lesson { number: written.number, position: written.position, ..lesson };
    noted::created(tx, &lesson);
    Ok(lesson)
}

/// Changes a lesson.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the external id is taken.
pub async fn change(tx: &mut TenantTx, key: &Key<id::Lesson>, change: LessonChange) -> Result<Lesson> {
    let before = hold(tx, key).await?.ok_or_else(|| Error::not_found("lesson"))?;
    owned(before.source_id)?;
    let mut after = before.clone();
    change.apply(&mut after);
    check(&mut after)?;
    if after == before {
        return Ok(before);
    }
    (after.version, after.updated_at) = (before.version.saturating_add(1), tx.now());
    write(tx, UPDATE, &after, Some(after.position)).await?;
    noted::changed(tx, &before, &after);
    Ok(after)
}

/// Deletes a lesson and all that it holds.
///
/// # Errors
/// `not_found`, also for a lesson deleted before.
pub async fn remove(tx: &mut TenantTx, key: &Key<id::Lesson>) -> Result<()> {
    let lesson = hold(tx, key).await?.ok_or_else(|| Error::not_found("lesson"))?;
    owned(lesson.source_id)?;
    removal::bury(tx, lesson.id.uuid(), removal::LESSON).await?;
    noted::removed(tx, &lesson);
    Ok(())
}

async fn write(tx: &mut TenantTx, text: &'static str, lesson: &Lesson, position: Option<i32>) -> Result<Written> {
    let tenant = tx.tenant();
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(lesson.id)
        .bind::<Nullable<Text>, _>(&lesson.external_id)
        .bind::<Text, _>(&lesson.title)
        .bind::<Text, _>(&lesson.kind)
        .bind::<Nullable<Integer>, _>(position)
        .bind::<Bool, _>(lesson.required)
        .bind::<Integer, _>(lesson.weight)
        .bind::<Nullable<Integer>, _>(lesson.duration_minutes)
        .bind::<Array<Text>, _>(&lesson.skills)
        .bind::<Nullable<Text>, _>(lesson.cefr.map(Cefr::as_str))
        .bind::<Integer, _>(lesson.version)
        .bind::<Timestamptz, _>(lesson.updated_at)
        .bind::<SqlUuid, _>(lesson.course_id)
        .get_result(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))
}
