//! What may be asked of training items.

use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::ItemKind;

use super::{Item, ItemFilter, rows::item_columns};
use crate::{
    content::{Cefr, PartSort},
    db::{PageRequest, Paged, Sql, TenantTx, Total, failed, find_by_keys, sql},
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
          WHERE i.tenant_id = $1 AND ($2 IS NULL OR i.training_id = ANY ($2)) AND ($3 IS NULL OR t.lesson_id = ANY ($3))
            AND ($4 IS NULL OR l.course_id = ANY ($4)) AND ($5 IS NULL OR i.kind = $5)
            AND (CASE WHEN $6 IS NULL THEN i.deleted_at IS NULL ELSE i.updated_at >= $6 END)
            AND ($7 IS NULL OR i.id = ANY ($7)) AND ($8 IS NULL OR $8 = ANY (i.skills)) AND ($9 IS NULL OR i.cefr = $9)"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_items!());
macro_rules! page_of_items {
    ($order:literal) => {
        sql(concat!("SELECT ", item_columns!(), wanted_items!(), " ORDER BY ", $order, " LIMIT $10 OFFSET $11"))
    };
}

const fn page_sorted_by(sort: PartSort) -> Sql {
    match sort {
        PartSort::Position => {
            page_of_items!("l.course_id, l.position, l.id, t.position, t.id, i.position, i.id")
        }
        PartSort::Title => page_of_items!("i.title, i.id"),
        PartSort::Updated => page_of_items!("i.updated_at, i.id"),
        PartSort::LastUpdatedFirst => page_of_items!("i.updated_at DESC, i.id DESC"),
    }
}

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
///
/// # Errors
/// As the database says.
pub async fn hold(tx: &mut TenantTx, key: &Key<id::Item>) -> Result<Option<Item>> {
    Ok(find_by_keys(tx, BY_KEY_AND_HOLD, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Lists items; in the order of their training where no other is asked for, or of change where changes are wanted.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &ItemFilter, request: PageRequest) -> Result<Paged<Item>> {
    let tenant = tx.tenant();
    let wanted = |text: Sql| {
        text.bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.trainings.as_deref())
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.lessons.as_deref())
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.courses.as_deref())
            .bind::<Nullable<Text>, _>(filter.kind.map(ItemKind::as_str))
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.ids.as_deref())
            .bind::<Nullable<Text>, _>(filter.skill.as_deref())
            .bind::<Nullable<Text>, _>(filter.cefr.map(Cefr::as_str))
    };
    let total: Total = wanted(sql(COUNT)).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(page_sorted_by(PartSort::or_by_change(filter.sort, filter.updated_since)));
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
