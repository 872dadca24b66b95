//! What may be asked of lessons.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Lesson, LessonFilter, rows::lesson_columns};
use crate::{
    content::{Cefr, PartSort},
    db::{PageRequest, Paged, Sql, TenantTx, Total, failed, find_by_keys, sql},
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
          WHERE l.tenant_id = $1 AND ($2 IS NULL OR l.course_id = ANY ($2))
            AND (CASE WHEN $3 IS NULL THEN l.deleted_at IS NULL ELSE l.updated_at >= $3 END)
            AND ($4 IS NULL OR l.id = ANY ($4)) AND ($5 IS NULL OR l.kind = $5) AND ($6 IS NULL OR l.required = $6)
            AND ($7 IS NULL OR $7 = ANY (l.skills)) AND ($8 IS NULL OR l.cefr = $8)"
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_lessons!());
macro_rules! page_of_lessons {
    ($order:literal) => {
        sql(concat!("SELECT ", lesson_columns!(), wanted_lessons!(), " ORDER BY ", $order, " LIMIT $9 OFFSET $10"))
    };
}
const OF_COURSE: &str = concat!(
    "SELECT ",
    lesson_columns!(),
    " FROM lessons l WHERE l.tenant_id = $1 AND l.course_id = $2 AND l.deleted_at IS NULL ORDER BY l.position, l.id"
);

const fn page_sorted_by(sort: PartSort) -> Sql {
    match sort {
        PartSort::Position => page_of_lessons!("l.course_id, l.position, l.id"),
        PartSort::Title => page_of_lessons!("l.title, l.id"),
        PartSort::Updated => page_of_lessons!("l.updated_at, l.id"),
        PartSort::LastUpdatedFirst => page_of_lessons!("l.updated_at DESC, l.id DESC"),
    }
}

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

/// Finds the living lesson of each key, in the order of the keys.
pub(crate) async fn find_all(tx: &mut TenantTx, keys: &[Key<id::Lesson>]) -> Result<Vec<Option<Lesson>>> {
    find_by_keys(tx, BY_KEY, keys, str::to_owned).await
}

/// Gets a living lesson.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::Lesson>) -> Result<Lesson> {
    find(tx, key).await?.ok_or_else(|| Error::not_found("lesson"))
}

/// Finds a living lesson, and keeps others from changing or deleting it until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn hold(tx: &mut TenantTx, key: &Key<id::Lesson>) -> Result<Option<Lesson>> {
    Ok(find_by_keys(tx, BY_KEY_AND_HOLD, std::slice::from_ref(key), str::to_owned).await?.pop().flatten())
}

/// Lists lessons; in the order of their course where no other is asked for, or of change where changes are wanted.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &LessonFilter, request: PageRequest) -> Result<Paged<Lesson>> {
    let tenant = tx.tenant();
    let wanted = |text: Sql| {
        text.bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.courses.as_deref())
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
            .bind::<Nullable<Array<SqlUuid>>, _>(filter.ids.as_deref())
            .bind::<Nullable<Text>, _>(filter.kind.as_deref())
            .bind::<Nullable<Bool>, _>(filter.required)
            .bind::<Nullable<Text>, _>(filter.skill.as_deref())
            .bind::<Nullable<Text>, _>(filter.cefr.map(Cefr::as_str))
    };
    let total: Total = wanted(sql(COUNT)).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(page_sorted_by(PartSort::or_by_change(filter.sort, filter.updated_since)));
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
