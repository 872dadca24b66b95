//! What may be asked of learning paths.

use diesel::sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{LearningPath, PathCourse, rows::path_columns};
use crate::{
    content::courses::course_columns,
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id},
    key::Key,
};

const FIND: &str = concat!(
    "SELECT ",
    path_columns!(),
    " FROM learning_paths p WHERE p.tenant_id = $1 AND (p.id = $2 OR p.external_id = $3)"
);
const COUNT: &str = "SELECT count(*) AS total FROM learning_paths p WHERE p.tenant_id = $1";
const PAGE: &str = concat!(
    "SELECT ",
    path_columns!(),
    " FROM learning_paths p WHERE p.tenant_id = $1 ORDER BY p.id LIMIT $2 OFFSET $3"
);
const AFTER: &str = concat!(
    "SELECT ",
    path_columns!(),
    " FROM learning_paths p WHERE p.tenant_id = $1 AND ($2 IS NULL OR p.id > $2) ORDER BY p.id LIMIT $3"
);
const COURSES_AFTER: &str = concat!(
    "SELECT pc.position, ",
    course_columns!(),
    " FROM learning_path_courses pc
      JOIN courses c ON c.tenant_id = pc.tenant_id AND c.id = pc.course_id AND c.deleted_at IS NULL
      WHERE pc.tenant_id = $1 AND pc.path_id = $2 AND pc.position > $3 ORDER BY pc.position LIMIT $4"
);

/// Finds a learning path.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, key: &Key<id::LearningPath>) -> Result<Option<LearningPath>> {
    let tenant = tx.tenant();
    let rows: Vec<LearningPath> = sql(FIND)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(key.id())
        .bind::<Nullable<Text>, _>(key.external_id())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next())
}

/// Gets a learning path.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::LearningPath>) -> Result<LearningPath> {
    find(tx, key).await?.ok_or_else(|| Error::not_found("learning path"))
}

/// Lists learning paths, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, request: PageRequest) -> Result<Paged<LearningPath>> {
    let tenant = tx.tenant();
    let total: Total = sql(COUNT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    let page =
        sql(PAGE).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    Ok(Paged { rows: page.load(tx.connection()).await.map_err(failed)?, total: total.total, request })
}

/// Lists the learning paths after one, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn list_after(tx: &mut TenantTx, (after, limit): (Option<Uuid>, i64)) -> Result<Vec<LearningPath>> {
    let tenant = tx.tenant();
    let some = sql(AFTER).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(after).bind::<BigInt, _>(limit);
    some.load(tx.connection()).await.map_err(failed)
}

/// Lists the living courses of a path after a place, in their order.
///
/// # Errors
/// As the database says.
pub async fn courses_after(
    tx: &mut TenantTx,
    path: Id<id::LearningPath>,
    (after, limit): (i32, i64),
) -> Result<Vec<PathCourse>> {
    let tenant = tx.tenant();
    sql(COURSES_AFTER)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(path)
        .bind::<Integer, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.connection())
        .await
        .map_err(failed)
}
