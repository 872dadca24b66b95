//! What may be asked of enrolments.

use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Enrolment, EnrolmentFilter, EnrolmentOfMember, EnrolmentStatus, rows::enrolment_columns};
use crate::{
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    error::Result,
    id::{self, Id},
    members::member_columns,
};

/// Of `$5`, a group, if there is one.
macro_rules! in_group {
    () => {
        " AND ($5 IS NULL OR EXISTS (SELECT FROM group_members g
             WHERE g.tenant_id = e.tenant_id AND g.group_id = $5 AND g.user_id = e.user_id))"
    };
}
/// Whoever is on the course, in words that the index of courses answers alone; it is only for those who ask by age.
macro_rules! on_course {
    () => {
        concat!(
            " FROM enrolments e WHERE e.tenant_id = $1 AND e.course_id = $2 AND e.enrolled_at > '-infinity' AND $4 IS NULL
                AND (CASE WHEN $3 IS NULL THEN e.status <> 'removed' ELSE e.status = $3 END)",
            in_group!()
        )
    };
}
/// What changed of them, who was taken off too.
macro_rules! changed_since {
    () => {
        concat!(
            " FROM enrolments e WHERE e.tenant_id = $1 AND e.course_id = $2 AND e.updated_at >= $4
                AND ($3 IS NULL OR e.status = $3)",
            in_group!()
        )
    };
}
/// The people are looked up of the page alone.
macro_rules! page {
    ($wanted:expr, $order:literal) => {
        concat!(
            "SELECT ",
            enrolment_columns!(),
            ", ",
            member_columns!(),
            " FROM (SELECT e.*",
            $wanted,
            " ORDER BY ",
            $order,
            " LIMIT $6 OFFSET $7) e
              JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
              JOIN memberships m ON m.tenant_id = e.tenant_id AND m.user_id = e.user_id ORDER BY ",
            $order
        )
    };
}
const ONE: &str = concat!(
    "SELECT ",
    enrolment_columns!(),
    " FROM enrolments e WHERE e.tenant_id = $1 AND e.course_id = $2 AND e.user_id = $3 AND e.status <> 'removed'"
);
const COUNT: &str = concat!("SELECT count(*) AS total", on_course!());
const PAGE: &str = page!(on_course!(), "e.enrolled_at, e.id");
const COUNT_CHANGED: &str = concat!("SELECT count(*) AS total", changed_since!());
const PAGE_CHANGED: &str = page!(changed_since!(), "e.updated_at, e.enrolled_at, e.id");

/// Finds a learner on a course; somebody who was taken off it is not.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, course: Id<id::Course>, learner: Id<id::User>) -> Result<Option<Enrolment>> {
    let tenant = tx.tenant();
    let one = sql(ONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(course).bind::<SqlUuid, _>(learner);
    one.get_result(tx.connection()).await.optional().map_err(failed)
}

/// Lists who is on a course, by age of the enrolment, or by change where only changes are wanted.
///
/// # Errors
/// As the database says.
pub async fn list(
    tx: &mut TenantTx,
    course: Id<id::Course>,
    filter: &EnrolmentFilter,
    request: PageRequest,
) -> Result<Paged<EnrolmentOfMember>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| {
        sql(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(course)
            .bind::<Nullable<Text>, _>(filter.status.map(EnrolmentStatus::as_str))
            .bind::<Nullable<Timestamptz>, _>(filter.updated_since)
            .bind::<Nullable<SqlUuid>, _>(filter.group)
    };
    let (count, page) = if filter.updated_since.is_some() { (COUNT_CHANGED, PAGE_CHANGED) } else { (COUNT, PAGE) };
    let total: Total = wanted(count).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(page).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
