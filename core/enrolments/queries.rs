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

macro_rules! wanted_enrolments {
    () => {
        " FROM enrolments e
          JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
          JOIN memberships m ON m.tenant_id = e.tenant_id AND m.user_id = e.user_id
          WHERE e.tenant_id = $1 AND e.course_id = $2
            AND (CASE WHEN $3 IS NULL THEN e.status <> 'removed' OR $4 IS NOT NULL ELSE e.status = $3 END)
            AND ($4 IS NULL OR e.updated_at >= $4)
            AND ($5 IS NULL OR EXISTS (SELECT FROM group_members g
                 WHERE g.tenant_id = e.tenant_id AND g.group_id = $5 AND g.user_id = e.user_id))"
    };
}
const ONE: &str = concat!(
    "SELECT ",
    enrolment_columns!(),
    " FROM enrolments e WHERE e.tenant_id = $1 AND e.course_id = $2 AND e.user_id = $3 AND e.status <> 'removed'"
);
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_enrolments!());
const PAGE: &str = concat!(
    "SELECT ",
    enrolment_columns!(),
    ", ",
    member_columns!(),
    wanted_enrolments!(),
    " ORDER BY CASE WHEN $4 IS NOT NULL THEN e.updated_at END, e.enrolled_at, e.id LIMIT $6 OFFSET $7"
);

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
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(PAGE).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
