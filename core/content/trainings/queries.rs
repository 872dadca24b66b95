//! What may be asked of trainings.

use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Training, TrainingFilter, rows::training_columns};
use crate::{
    content::PartSort,
    db::{PageRequest, Paged, Sql, TenantTx, Total, failed, find_by_keys, sql},
    error::{Error, Result},
    id,
    key::Key,
};

macro_rules! trainings_by_key {
    () => {
        concat!(
            "SELECT k.place, ",
            training_columns!(),
            " FROM unnest($2, $3, $4) WITH ORDINALITY AS k(id, external_id, word, place)
              JOIN trainings t ON t.tenant_id = $1 AND t.deleted_at IS NULL
                AND (t.id = k.id OR t.external_id = k.external_id)"
        )
    };
}
const BY_KEY: &str = trainings_by_key!();
const BY_KEY_AND_HOLD: &str = concat!(trainings_by_key!(), " FOR NO KEY UPDATE OF t");

macro_rules! wanted_trainings {
    () => {
        " FROM trainings t JOIN lessons l ON l.tenant_id = t.tenant_id AND l.id = t.lesson_id
          WHERE t.tenant_id = $1 AND ($2 IS NULL OR t.lesson_id = ANY ($2)) AND ($3 IS NULL OR l.course_id = ANY ($3))
            AND (CASE WHEN $4 IS NULL THEN t.deleted_at IS NULL ELSE t.updated_at >= $4 END)
            AND ($5 IS NULL OR t.id = ANY ($5)) AND ($6 IS NULL OR t.kind = $6)"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_trainings!());
macro_rules! page_of_trainings {
    ($order:literal) => {
        sql(concat!("SELECT ", training_columns!(), wanted_trainings!(), " ORDER BY ", $order, " LIMIT $7 OFFSET $8"))
    };
}

const fn page_sorted_by(sort: PartSort) -> Sql {
    match sort {
        PartSort::Position => page_of_trainings!("l.course_id, l.position, l.id, t.position, t.id"),
        PartSort::Title => page_of_trainings!("t.title, t.id"),
        PartSort::Updated => page_of_trainings!("t.updated_at, t.id"),
        PartSort::LastUpdatedFirst => page_of_trainings!("t.updated_at DESC, t.id DESC"),
    }
}

/// Finds a living training.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, key: &Key<id::Training>) -> Result<Option<Training>> {
    Ok(find_by_keys(tx, BY_KEY, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Gets a living training.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::Training>) -> Result<Training> {
    find(tx, key).await?.ok_or_else(|| Error::not_found("training"))
}

/// Finds a living training, and keeps others from changing or deleting it until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn hold(tx: &mut TenantTx, key: &Key<id::Training>) -> Result<Option<Training>> {
    Ok(find_by_keys(tx, BY_KEY_AND_HOLD, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Lists trainings; in the order of their lesson where no other is asked for, or of change where changes are wanted.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &TrainingFilter, request: PageRequest) -> Result<Paged<Training>> {
    let tenant = tx.tenant();
    let wanted = |text: Sql| {
        text.bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.lessons.as_deref())
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.courses.as_deref())
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.ids.as_deref())
            .bind::<Nullable<Text>, _>(filter.kind.as_deref())
    };
    let total: Total = wanted(sql(COUNT)).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(page_sorted_by(PartSort::or_by_change(filter.sort, filter.updated_since)));
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
