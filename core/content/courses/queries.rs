//! What may be asked of courses.

use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Course, CourseFilter, CourseSort, CourseStatus, rows::course_columns};
use crate::{
    content::Cefr,
    db::{PageRequest, Paged, Sql, TenantTx, Total, failed, find_by_keys, sql},
    error::{Error, Result},
    fields::Fields,
    id,
    key::Key,
};

macro_rules! courses_by_key {
    () => {
        concat!(
            "SELECT k.place, ",
            course_columns!(),
            " FROM unnest($2, $3, $4) WITH ORDINALITY AS k(id, external_id, slug, place)
              JOIN courses c ON c.tenant_id = $1 AND c.deleted_at IS NULL
                AND (c.id = k.id OR c.external_id = k.external_id OR c.slug = k.slug)"
        )
    };
}
const BY_KEY: &str = courses_by_key!();
const MANY: &str = concat!(
    "SELECT ",
    course_columns!(),
    " FROM courses c WHERE c.tenant_id = $1 AND c.id = ANY ($2) AND c.deleted_at IS NULL"
);
const AFTER: &str = concat!(
    "SELECT ",
    course_columns!(),
    " FROM courses c WHERE c.tenant_id = $1 AND c.deleted_at IS NULL AND ($2 IS NULL OR c.id > $2) ORDER BY c.id LIMIT $3"
);
const BY_NUMBER: &str = concat!(
    "SELECT ",
    course_columns!(),
    " FROM courses c WHERE c.tenant_id = $1 AND c.number = $2 AND c.deleted_at IS NULL"
);
const BY_KEY_AND_HOLD: &str = concat!(courses_by_key!(), " FOR NO KEY UPDATE OF c");

macro_rules! wanted_courses {
    () => {
        " FROM courses c
          WHERE c.tenant_id = $1
            AND ($2 IS NULL OR c.status = $2)
            AND ($3 IS NULL OR lower(c.language) = $3 OR starts_with(lower(c.language), $3 || '-'))
            AND ($4 IS NULL OR (coalesce(c.cefr_from, c.cefr_to) = ANY ($4) AND coalesce(c.cefr_to, c.cefr_from) = ANY ($5)))
            AND ($6 IS NULL OR c.category = $6)
            AND ($7 IS NULL OR position($7 IN lower(c.title)) > 0 OR position($7 IN lower(c.summary)) > 0
                 OR position($7 IN c.slug) > 0 OR position($7 IN lower(c.external_id)) > 0)
            AND (CASE WHEN $8 IS NULL THEN c.deleted_at IS NULL ELSE c.updated_at >= $8 END)
            AND ($9 IS NULL OR c.id = ANY ($9) OR c.external_id = ANY ($10))"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_courses!());
macro_rules! page_of_courses {
    ($order:literal) => {
        sql(concat!("SELECT ", course_columns!(), wanted_courses!(), " ORDER BY ", $order, " LIMIT $11 OFFSET $12"))
    };
}

const fn page_sorted_by(sort: CourseSort) -> Sql {
    match sort {
        CourseSort::Created => page_of_courses!("c.created_at, c.id"),
        CourseSort::NewestFirst => page_of_courses!("c.created_at DESC, c.id DESC"),
        CourseSort::Updated => page_of_courses!("c.updated_at, c.id"),
        CourseSort::LastUpdatedFirst => page_of_courses!("c.updated_at DESC, c.id DESC"),
        CourseSort::Title => page_of_courses!("c.title, c.id"),
        CourseSort::TitleBackwards => page_of_courses!("c.title DESC, c.id DESC"),
    }
}

/// Finds a living course. A word is read as a slug.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, key: &Key<id::Course>) -> Result<Option<Course>> {
    Ok(find_by_keys(tx, BY_KEY, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Finds the living course of each key, in the order of the keys. A word is read as a slug.
///
/// # Errors
/// As the database says.
pub async fn find_all(tx: &mut TenantTx, keys: &[Key<id::Course>]) -> Result<Vec<Option<Course>>> {
    if keys.is_empty() { Ok(Vec::new()) } else { find_by_keys(tx, BY_KEY, keys, str::to_owned).await }
}

/// Finds the living among some courses, in no order.
///
/// # Errors
/// As the database says.
pub async fn find_many(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Course>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tx.tenant();
    let some = sql(MANY).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(ids);
    some.load(tx.connection()).await.map_err(failed)
}

/// Lists the living courses after one, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn list_after(tx: &mut TenantTx, (after, limit): (Option<Uuid>, i64)) -> Result<Vec<Course>> {
    let tenant = tx.tenant();
    let some = sql(AFTER).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(after).bind::<BigInt, _>(limit);
    some.load(tx.connection()).await.map_err(failed)
}

/// Gets a living course.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::Course>) -> Result<Course> {
    find(tx, key).await?.ok_or_else(|| Error::not_found("course"))
}

/// Gets a living course by its integer id.
///
/// # Errors
/// `not_found`.
pub async fn get_numbered(tx: &mut TenantTx, number: i64) -> Result<Course> {
    let tenant = tx.tenant();
    let found = sql(BY_NUMBER).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(number).get_result(tx.connection()).await;
    found.optional().map_err(failed)?.ok_or_else(|| Error::not_found("course"))
}

/// Finds a living course, and keeps others from changing or deleting it until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn hold(tx: &mut TenantTx, key: &Key<id::Course>) -> Result<Option<Course>> {
    let mut found = find_by_keys(tx, BY_KEY_AND_HOLD, std::slice::from_ref(key), str::to_owned).await?;
    Ok(found.pop().flatten())
}

/// Finds the courses that a field of a request names; all of them, or the faults.
///
/// # Errors
/// `validation_failed` with the pointer of each key that names none.
pub(crate) async fn resolve(tx: &mut TenantTx, pointer: &str, keys: &[Key<id::Course>]) -> Result<Vec<Uuid>> {
    let found = find_all(tx, keys).await?;
    let mut fields = Fields::new();
    for (at, _) in found.iter().enumerate().filter(|(_, course)| course.is_none()) {
        fields.fault(format!("{pointer}/{at}"), "not_found", "no such course");
    }
    fields.finish()?;
    Ok(found.into_iter().flatten().map(|course| course.id.uuid()).collect())
}

/// Lists courses.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &CourseFilter, request: PageRequest) -> Result<Paged<Course>> {
    let tenant = tx.tenant();
    let picked = filter.ids.is_some() || filter.external_ids.is_some();
    let wanted = |text: Sql| {
        text.bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<Text>, _>(filter.status.map(CourseStatus::as_str))
            .bind::<Nullable<Text>, _>(filter.language.as_deref().map(str::to_lowercase))
            .bind::<Nullable<Array<Text>>, _>(filter.cefr.map(Cefr::and_below))
            .bind::<Nullable<Array<Text>>, _>(filter.cefr.map(Cefr::and_above))
            .bind::<Nullable<Text>, _>(filter.category.as_deref())
            .bind::<Nullable<Text>, _>(filter.q.as_deref().map(str::to_lowercase))
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
            .bind::<Nullable<Array<SqlUuid>>, _>(picked.then(|| filter.ids.clone().unwrap_or_default()))
            .bind::<Nullable<Array<Text>>, _>(picked.then(|| filter.external_ids.clone().unwrap_or_default()))
    };
    let total: Total = wanted(sql(COUNT)).get_result(tx.connection()).await.map_err(failed)?;
    let page =
        wanted(page_sorted_by(filter.sort)).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
