//! Taking off courses those whom nothing keeps there any more.
//!
//! # Rule
//! A learner who came by a group or a learning path leaves with the last of them: the group is taken off the course,
//! the learner leaves the group, the course leaves the path, and so on. Who was put on the course by name stays, and so
//! does who completed it. The record stays in any case.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    progress,
};

/// Learners of one handful.
const HANDFUL: i64 = 500;

/// Nothing gives the learner of the enrolment `e` its course: no group on it, no path with it, by group or by name.
macro_rules! adrift {
    () => {
        "e.derived AND e.status = 'active'
         AND NOT EXISTS (SELECT FROM group_enrolments ge
           JOIN groups g ON g.tenant_id = ge.tenant_id AND g.id = ge.group_id
           WHERE ge.tenant_id = e.tenant_id
             AND ge.target_id IN (SELECT e.course_id UNION ALL
               SELECT pc.path_id FROM learning_path_courses pc WHERE pc.tenant_id = e.tenant_id AND pc.course_id = e.course_id)
             AND (g.everyone OR EXISTS (SELECT FROM group_members gm
               WHERE gm.tenant_id = e.tenant_id AND gm.group_id = g.id AND gm.user_id = e.user_id)))
         AND NOT EXISTS (SELECT FROM path_enrolments pe
           JOIN learning_path_courses pc ON pc.tenant_id = pe.tenant_id AND pc.path_id = pe.path_id
           WHERE pe.tenant_id = e.tenant_id AND pe.user_id = e.user_id AND pc.course_id = e.course_id)"
    };
}

const ADRIFT: &str = concat!(
    "SELECT DISTINCT e.user_id FROM enrolments e
     WHERE e.tenant_id = $1 AND e.course_id = ANY ($2) AND ($3 IS NULL OR e.user_id > $3) AND ",
    adrift!(),
    " ORDER BY e.user_id LIMIT $4"
);

const TAKE_OFF: &str = concat!(
    "UPDATE enrolments e SET status = 'removed', updated_at = $4
     WHERE e.tenant_id = $1 AND e.course_id = ANY ($2) AND e.user_id = ANY ($3) AND ",
    adrift!()
);

#[derive(QueryableByName)]
struct Adrift {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
}

/// Takes the next handful off the courses. Answers after whom to go on, if there may be more.
///
/// # Errors
/// As the database says.
pub async fn sweep(
    tx: &mut TenantTx,
    courses: &[Id<id::Course>],
    after: Option<Id<id::User>>,
) -> Result<Option<Id<id::User>>> {
    if courses.is_empty() {
        return Ok(None);
    }
    // What keeps somebody may be a group of another manager's.
    tx.see_all().await?;
    let tenant = tx.tenant();
    let rows: Vec<Adrift> = sql(ADRIFT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(uuids(courses))
        .bind::<Nullable<SqlUuid>, _>(after.map(Id::uuid))
        .bind::<BigInt, _>(HANDFUL)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let users: Vec<Uuid> = rows.into_iter().map(|row| row.user_id).collect();
    let whole = i64::try_from(users.len()).is_ok_and(|count| count == HANDFUL);
    let last = users.last().copied();
    progress::lock_learners(tx, &users.iter().map(|user| (tenant, *user)).collect::<Vec<_>>()).await?;
    take_off(tx, courses, users).await?;
    Ok(last.filter(|_| whole).map(Id::from_uuid))
}

/// Takes one learner, who is locked, off the courses.
pub(super) async fn sweep_learner(tx: &mut TenantTx, courses: &[Id<id::Course>], learner: Id<id::User>) -> Result<()> {
    take_off(tx, courses, vec![learner.uuid()]).await
}

/// What keeps a learner is asked again: it may have come back since.
async fn take_off(tx: &mut TenantTx, courses: &[Id<id::Course>], users: Vec<Uuid>) -> Result<()> {
    if users.is_empty() || courses.is_empty() {
        return Ok(());
    }
    tx.see_all().await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(TAKE_OFF)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(uuids(courses))
        .bind::<Array<SqlUuid>, _>(users)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

fn uuids(courses: &[Id<id::Course>]) -> Vec<Uuid> {
    courses.iter().map(|course| course.uuid()).collect()
}
