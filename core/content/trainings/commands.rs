//! What may be done with trainings.

use diesel::{
    QueryableByName,
    sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{KIND, NewTraining, Training, TrainingChange, check, hold};
use crate::{
    content::{lessons, noted, owned, removal},
    db::{Guard, TenantTx, sql, taken},
    error::{Error, Result},
    id,
    key::Key,
};

/// Answers the position, which is the last one's plus one where none is given.
const INSERT: &str = "INSERT INTO trainings
  (tenant_id, id, external_id, title, kind, position, pass_score, version, created_at, updated_at, lesson_id)
  VALUES ($1, $2, $3, $4, $5,
    coalesce($6, (SELECT max(position) + 1 FROM trainings WHERE tenant_id = $1 AND lesson_id = $10 AND deleted_at IS NULL), 1),
    $7, $8, $9, $9, $10)
  RETURNING position";

const UPDATE: &str = "UPDATE trainings SET
  external_id = $3, title = $4, kind = $5, position = $6, pass_score = $7, version = $8, updated_at = $9
  WHERE tenant_id = $1 AND id = $2 AND lesson_id = $10 RETURNING position";

const GUARDS: [Guard; 1] =
    [("trainings_living_external_id", "/external_id", "another training of this institution has the same external id")];

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = Integer)]
    position: i32,
}

/// Makes a training.
///
/// # Errors
/// `validation_failed`, also when there is no such lesson; `conflict` when the external id is taken.
pub async fn create(tx: &mut TenantTx, new: NewTraining) -> Result<Training> {
    let lesson = lessons::hold(tx, &new.lesson_id).await?;
    let lesson = lesson.ok_or_else(|| Error::invalid_field("/lesson_id", "not_found", "no such lesson"))?;
    owned(lesson.source_id)?;
    let position = new.position;
    let mut training = Training {
        id: tx.new_id(),
        lesson_id: lesson.id,
        external_id: new.external_id,
        title: new.title,
        kind: new.kind.unwrap_or_else(|| KIND.to_owned()),
        position: position.unwrap_or(1),
        pass_score: new.pass_score,
        item_count: 0,
        source_id: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
    };
    check(&mut training)?;
    let written = write(tx, INSERT, &training, position).await?;
    let training = Training { position: written.position, ..training };
    noted::created(tx, &training);
    Ok(training)
}

/// Changes a training.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the external id is taken.
pub async fn change(tx: &mut TenantTx, key: &Key<id::Training>, change: TrainingChange) -> Result<Training> {
    let before = hold(tx, key).await?.ok_or_else(|| Error::not_found("training"))?;
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

/// Deletes a training and its items.
///
/// # Errors
/// `not_found`, also for a training deleted before.
pub async fn remove(tx: &mut TenantTx, key: &Key<id::Training>) -> Result<()> {
    let training = hold(tx, key).await?.ok_or_else(|| Error::not_found("training"))?;
    owned(training.source_id)?;
    removal::bury(tx, training.id.uuid(), removal::TRAINING).await?;
    noted::removed(tx, &training);
    Ok(())
}

async fn write(tx: &mut TenantTx, text: &'static str, training: &Training, position: Option<i32>) -> Result<Written> {
    let tenant = tx.tenant();
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(training.id)
        .bind::<Nullable<Text>, _>(&training.external_id)
        .bind::<Text, _>(&training.title)
        .bind::<Text, _>(&training.kind)
        .bind::<Nullable<Integer>, _>(position)
        .bind::<Nullable<Integer>, _>(training.pass_score)
        .bind::<Integer, _>(training.version)
        .bind::<Timestamptz, _>(training.updated_at)
        .bind::<SqlUuid, _>(training.lesson_id)
        .get_result(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))
}
