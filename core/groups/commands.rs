//! What may be done with groups.

use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Group, GroupChange, NewGroup, queries};
use crate::{
    db::{Guard, TenantTx, failed, sql, taken},
    enrolments,
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
    key::Key,
    members::Member,
    scope::Scope,
};

const INSERT: &str = "INSERT INTO groups (tenant_id, id, external_id, name, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $5)";
const UPDATE: &str = "UPDATE groups SET external_id = $3, name = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM groups WHERE tenant_id = $1 AND id = $2";
const JOIN: &str = "INSERT INTO group_members (tenant_id, group_id, user_id, created_at)
  SELECT $1, $2, n.user_id, $4 FROM unnest($3) AS n(user_id) ON CONFLICT DO NOTHING RETURNING user_id";
const LEAVE: &str = "DELETE FROM group_members WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3";

const GUARDS: [Guard; 1] = [(
    "groups_tenant_id_external_id_key",
    "/external_id",
    "another group of this institution has the same external id",
)];

/// Makes a group, with nobody in it.
///
/// # Errors
/// `validation_failed`; `conflict` when the external id is taken.
pub async fn create(tx: &mut TenantTx, new: NewGroup) -> Result<Group> {
    let mut group = Group {
        id: tx.new_id(),
        external_id: new.external_id,
        name: new.name,
        everyone: false,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    check(&mut group)?;
    write(tx, INSERT, &group).await?;
    Ok(group)
}

/// Changes a group.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the external id is taken.
pub async fn change(tx: &mut TenantTx, key: &Key<id::Group>, change: GroupChange) -> Result<Group> {
    let mut group = queries::get(tx, key).await?;
    group.name = change.name.unwrap_or(group.name);
    group.external_id = change.external_id.unwrap_or(group.external_id);
    check(&mut group)?;
    group.updated_at = tx.now();
    write(tx, UPDATE, &group).await?;
    Ok(group)
}

/// Deletes a group. Answers the courses that it was on, directly or by a path, for the sweep.
///
/// # Errors
/// `not_found`.
pub async fn remove(tx: &mut TenantTx, key: &Key<id::Group>) -> Result<Vec<Id<id::Course>>> {
    let group = queries::get(tx, key).await?;
    let courses = enrolments::courses_of_group(tx, group.id).await?;
    let tenant = tx.tenant();
    let delete = sql(DELETE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group.id);
    delete.execute(tx.connection()).await.map_err(failed)?;
    Ok(courses)
}

/// Puts people into a group, and so on all that the group is on. Whoever is in it already stays as he is.
///
/// # Errors
/// `conflict` when the group is deleted at the same moment.
pub async fn add_members(tx: &mut TenantTx, scope: &Scope, group: &Group, people: Vec<Member>) -> Result<()> {
    #[derive(diesel::QueryableByName)]
    struct Joined {
        #[diesel(sql_type = SqlUuid)]
        user_id: Id<id::User>,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let rows: Vec<Joined> = sql(JOIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(group.id)
        .bind::<Array<SqlUuid>, _>(people.iter().map(|member| member.id.uuid()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(gone)?;
    let joined: Vec<Member> =
        people.into_iter().filter(|member| rows.iter().any(|row| row.user_id == member.id)).collect();
    enrolments::joined(tx, scope, group, &joined).await
}

/// Takes a person out of a group, and off the courses that nothing else gives him. Answers whether he was in it.
///
/// # Errors
/// As the database says.
pub async fn remove_member(tx: &mut TenantTx, group: &Group, member: Id<id::User>) -> Result<bool> {
    let tenant = tx.tenant();
    let leave = sql(LEAVE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group.id).bind::<SqlUuid, _>(member);
    let was_in = leave.execute(tx.connection()).await.map_err(failed)? > 0;
    if was_in {
        let courses = enrolments::courses_of_group(tx, group.id).await?;
        enrolments::left(tx, &courses, member).await?;
    }
    Ok(was_in)
}

/// Puts somebody who has just come to the institution on all that everyone is on.
pub(crate) async fn arrived(tx: &mut TenantTx, scope: &Scope, member: &Member) -> Result<()> {
    let everyone = queries::everyone(tx).await?;
    enrolments::joined(tx, scope, &everyone, std::slice::from_ref(member)).await
}

fn check(group: &mut Group) -> Result<()> {
    let mut fields = Fields::new();
    fields.name("/name", &mut group.name);
    fields.external_id("/external_id", group.external_id.as_deref());
    fields.finish()
}

async fn write(tx: &mut TenantTx, text: &'static str, group: &Group) -> Result<()> {
    let tenant = tx.tenant();
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(group.id)
        .bind::<Nullable<Text>, _>(&group.external_id)
        .bind::<Text, _>(&group.name)
        .bind::<Timestamptz, _>(group.updated_at)
        .execute(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(())
}

fn gone(error: diesel::result::Error) -> Error {
    use diesel::result::{DatabaseErrorKind, Error as Fault};
    match error {
        Fault::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
            Error::new(Code::Conflict, "the group was deleted at the same moment")
        }
        other => failed(other),
    }
}
