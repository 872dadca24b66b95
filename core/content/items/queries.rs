//! What may be asked of training items.

use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::ItemKind;

use super::{Item, ItemFilter, rows::item_columns};
use crate::{
    db::{PageRequest, Paged, TenantTx, Total, failed, find_by_keys, sql},
    error::{Error, Result},
    id,
    key::Key,
};

macro_rules! items_by_key {
    () => {
        concat!(
            "SELECT k.place, ",
            item_columns!(),
            " FROM unnest($2, $3, $4) WITH ORDINALITY AS k(id, external_id, word, place)
              JOIN training_items i ON i.tenant_id = $1 AND i.deleted_at IS NULL
                AND (i.id = k.id OR i.external_id = k.external_id)"
        )
    };
}
const BY_KEY: &str = items_by_key!();
const BY_KEY_AND_HOLD: &str = concat!(items_by_key!(), " FOR NO KEY UPDATE OF i");

macro_rules! wanted_items {
    () => {
        " FROM training_items i
          JOIN trainings t ON t.tenant_id = i.tenant_id AND t.id = i.training_id
          JOIN lessons l ON l.tenant_id = t.tenant_id AND l.id = t.lesson_id
          WHERE i.tenant_id = $1 AND ($2 IS NULL OR i.training_id = $2) AND ($3 IS NULL OR t.lesson_id = $3)
            AND ($4 IS NULL OR l.course_id = $4) AND ($5 IS NULL OR i.kind = $5)
            AND (CASE WHEN $6 IS NULL THEN i.deleted_at IS NULL ELSE i.updated_at >= $6 END)"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_items!());
const PAGE: &str = concat!(
    "SELECT ",
    item_columns!(),
    wanted_items!(),
    " ORDER BY l.course_id, l.position, l.id, t.position, t.id, i.position, i.id LIMIT $7 OFFSET $8"
);
const CHANGES: &str =
    concat!("SELECT ", item_columns!(), wanted_items!(), " ORDER BY i.updated_at, i.id LIMIT $7 OFFSET $8");

/// Finds a living item.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, key: &Key<id::Item>) -> Result<Option<Item>> {
    Ok(find_by_keys(tx, BY_KEY, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Gets a living item.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::Item>) -> Result<Item> {
    find(tx, key).await?.ok_or_else(|| Error::not_found("training item"))
}

/// Finds a living item, and keeps others from changing or deleting it until the transaction ends.
pub(super) async fn hold(tx: &mut TenantTx, key: &Key<id::Item>) -> Result<Option<Item>> {
    Ok(find_by_keys(tx, BY_KEY_AND_HOLD, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Lists items in the order of their training, or of change where only changes are wanted.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &ItemFilter, request: PageRequest) -> Result<Paged<Item>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| {
        sql(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<SqlUuid>, _>(filter.training)
            .bind::<Nullable<SqlUuid>, _>(filter.lesson)
            .bind::<Nullable<SqlUuid>, _>(filter.course)
            .bind::<Nullable<Text>, _>(filter.kind.map(ItemKind::as_str))
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
    };
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(if filter.updated_since.is_some() { CHANGES } else { PAGE });
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
