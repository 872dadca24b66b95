//! What may be asked of lessons.

use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Lesson, LessonFilter, rows::lesson_columns};
use crate::{
    db::{PageRequest, Paged, TenantTx, Total, failed, find_by_keys, sql},
    error::{Error, Result},
    id::{self, Id},
    key::Key,
};

macro_rules! lessons_by_key {
    () => {
        concat!(
            "SELECT k.place, ",
            lesson_columns!(),
            " FROM unnest($2, $3, $4) WITH ORDINALITY AS k(id, external_id, word, place)
              JOIN lessons l ON l.tenant_id = $1 AND l.deleted_at IS NULL
                AND (l.id = k.id OR l.external_id = k.external_id)"
        )
    };
}
const BY_KEY: &str = lessons_by_key!();
const BY_KEY_AND_HOLD: &str = concat!(lessons_by_key!(), " FOR NO KEY UPDATE OF l");

macro_rules! wanted_lessons {
    () => {
        " FROM lessons l
          WHERE l.tenant_id = $1 AND ($2 IS NULL OR l.course_id = $2)
            AND (CASE WHEN $3 IS NULL THEN l.deleted_at IS NULL ELSE l.updated_at >= $3 END)"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_lessons!());
const PAGE: &str = concat!(
    "SELECT ",
    lesson_columns!(),
    wanted_lessons!(),
    " ORDER BY l.course_id, l.position, l.id LIMIT $4 OFFSET $5"
);
const OF_COURSE: &str = concat!(
    "SELECT ",
    lesson_columns!(),
    " FROM lessons l WHERE l.tenant_id = $1 AND l.course_id = $2 AND l.deleted_at IS NULL ORDER BY l.position, l.id"
);
const CHANGES: &str =
    concat!("SELECT ", lesson_columns!(), wanted_lessons!(), " ORDER BY l.updated_at, l.id LIMIT $4 OFFSET $5");

/// All lessons of a course, in its order.
///
/// # Errors
/// As the database says.
pub async fn of_course(tx: &mut TenantTx, course: Id<id::Course>) -> Result<Vec<Lesson>> {
    let tenant = tx.tenant();
    let all = sql(OF_COURSE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(course);
    all.load(tx.connection()).await.map_err(failed)
}

/// Finds a living lesson.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, key: &Key<id::Lesson>) -> Result<Option<Lesson>> {
    Ok(find_by_keys(tx, BY_KEY, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Gets a living lesson.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::Lesson>) -> Result<Lesson> {
    find(tx, key).await?.ok_or_else(|| Error::not_found("lesson"))
}

/// Finds a living lesson, and keeps others from changing or deleting it until the transaction ends.
pub(crate) async fn hold(tx: &mut TenantTx, key: &Key<id::Lesson>) -> Result<Option<Lesson>> {
    Ok(find_by_keys(tx, BY_KEY_AND_HOLD, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Lists lessons in the order of their course, or of change where only changes are wanted.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &LessonFilter, request: PageRequest) -> Result<Paged<Lesson>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| {
        sql(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<SqlUuid>, _>(filter.course)
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
    };
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(if filter.updated_since.is_some() { CHANGES } else { PAGE });
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
