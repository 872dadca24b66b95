//! What may be done with training items.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Item, ItemChange, NewItem, check, queries::hold};
use crate::{
    content::{Cefr, noted, owned, removal, trainings},
    db::{Guard, TenantTx, sql, taken},
    error::{Error, Result},
    id,
    key::Key,
};

/// Answers the number and the position, which is the last one's plus one where none is given.
const INSERT: &str = "INSERT INTO training_items
  (tenant_id, id, external_id, title, prompt, position, required, max_score, estimated_seconds, skills, cefr, version,
   created_at, updated_at, training_id, kind, answer_key)
  VALUES ($1, $2, $3, $4, $5,
    coalesce($6, (SELECT max(position) + 1 FROM training_items
                  WHERE tenant_id = $1 AND training_id = $14 AND deleted_at IS NULL), 1),
    $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16)
  RETURNING number, position";

const UPDATE: &str = "UPDATE training_items SET
  external_id = $3, title = $4, prompt = $5, position = $6, required = $7, max_score = $8, estimated_seconds = $9,
  skills = $10, cefr = $11, version = $12, updated_at = $13, answer_key = $16
  WHERE tenant_id = $1 AND id = $2 AND training_id = $14 AND kind = $15 RETURNING number, position";

const GUARDS: [Guard; 1] = [(
    "training_items_living_external_id",
    "/external_id",
    "another training item of this institution has the same external id",
)];

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Integer)]
    position: i32,
}

/// Makes an item.
///
/// # Errors
/// `validation_failed`, also when there is no such training; `conflict` when the external id is taken.
pub async fn create(tx: &mut TenantTx, new: NewItem) -> Result<Item> {
    let training = trainings::hold(tx, &new.training_id).await?;
    let training = training.ok_or_else(|| Error::invalid_field("/training_id", "not_found", "no such training"))?;
    owned(training.source_id)?;
    let position = new.position;
    let mut item = Item {
        id: tx.new_id(),
        number: 0,
        training_id: training.id,
        external_id: new.external_id,
        kind: new.kind,
        title: new.title,
        prompt: new.prompt.unwrap_or_default(),
        answer_key: new.answer_key,
        position: position.unwrap_or(1),
        required: new.required.unwrap_or(true),
        max_score: new.max_score,
        estimated_seconds: new.estimated_seconds,
        skills: new.skills,
        cefr: new.cefr,
        source_id: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
    };
    check(&mut item)?;
    let written = write(tx, INSERT, &item, position).await?;
    let item = Item { number: written.number, position: written.position, ..item };
    noted::created(tx, &item);
    Ok(item)
}

/// Changes an item.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the external id is taken.
pub async fn change(tx: &mut TenantTx, key: &Key<id::Item>, change: ItemChange) -> Result<Item> {
    let before = hold(tx, key).await?.ok_or_else(|| Error::not_found("training item"))?;
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

/// Deletes an item.
///
/// # Errors
/// `not_found`, also for an item deleted before.
pub async fn remove(tx: &mut TenantTx, key: &Key<id::Item>) -> Result<()> {
    let item = hold(tx, key).await?.ok_or_else(|| Error::not_found("training item"))?;
    owned(item.source_id)?;
    removal::bury(tx, item.id.uuid(), removal::ITEM).await?;
    noted::removed(tx, &item);
    Ok(())
}

async fn write(tx: &mut TenantTx, text: &'static str, item: &Item, position: Option<i32>) -> Result<Written> {
    let tenant = tx.tenant();
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(item.id)
        .bind::<Nullable<Text>, _>(&item.external_id)
        .bind::<Text, _>(&item.title)
        .bind::<Text, _>(&item.prompt)
        .bind::<Nullable<Integer>, _>(position)
        .bind::<Bool, _>(item.required)
        .bind::<Nullable<Double>, _>(item.max_score)
        .bind::<Nullable<Integer>, _>(item.estimated_seconds)
        .bind::<Array<Text>, _>(&item.skills)
        .bind::<Nullable<Text>, _>(item.cefr.map(Cefr::as_str))
        .bind::<Integer, _>(item.version)
        .bind::<Timestamptz, _>(item.updated_at)
        .bind::<SqlUuid, _>(item.training_id)
        .bind::<Text, _>(item.kind.as_str())
        .bind::<Nullable<Jsonb>, _>(&item.answer_key)
        .get_result(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))
}
