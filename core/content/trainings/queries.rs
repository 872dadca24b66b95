//! What may be asked of trainings.

use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Training, TrainingFilter, rows::training_columns};
use crate::{
    db::{PageRequest, Paged, TenantTx, Total, failed, find_by_keys, sql},
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
          WHERE t.tenant_id = $1 AND ($2 IS NULL OR t.lesson_id = $2) AND ($3 IS NULL OR l.course_id = $3)
            AND (CASE WHEN $4 IS NULL THEN t.deleted_at IS NULL ELSE t.updated_at >= $4 END)"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_trainings!());
const PAGE: &str = concat!(
    "SELECT ",
    training_columns!(),
    wanted_trainings!(),
    " ORDER BY l.course_id, l.position, l.id, t.position, t.id LIMIT $5 OFFSET $6"
);
const CHANGES: &str =
    concat!("SELECT ", training_columns!(), wanted_trainings!(), " ORDER BY t.updated_at, t.id LIMIT $5 OFFSET $6");

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
pub(crate) async fn hold(tx: &mut TenantTx, key: &Key<id::Training>) -> Result<Option<Training>> {
    Ok(find_by_keys(tx, BY_KEY_AND_HOLD, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Lists trainings in the order of their lesson, or of change where only changes are wanted.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &TrainingFilter, request: PageRequest) -> Result<Paged<Training>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| {
        sql(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<SqlUuid>, _>(filter.lesson)
            .bind::<Nullable<SqlUuid>, _>(filter.course)
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
    };
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(if filter.updated_since.is_some() { CHANGES } else { PAGE });
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
