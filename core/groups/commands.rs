//! What may be done with groups.

use diesel::sql_types::{Array, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{Group, GroupChange, GroupKind, NewGroup, managers, queries};
use crate::{
    audit::Entry,
    db::{Guard, TenantTx, failed, sql, taken},
    enrolments,
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
    key::Key,
    members::{Member, ProvisionedBy},
    scope::Scope,
};

const INSERT: &str =
    "INSERT INTO groups (tenant_id, id, external_id, name, kind, starts_on, ends_on, provisioned_by, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $6, $7, $8, $9, $5, $5)";
const UPDATE: &str = "UPDATE groups SET external_id = $3, name = $4, kind = $6, starts_on = $7, ends_on = $8,
    provisioned_by = $9, updated_at = $5 WHERE tenant_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM groups WHERE tenant_id = $1 AND id = $2";
const JOIN: &str = "INSERT INTO group_members (tenant_id, group_id, user_id, created_at)
  SELECT $1, $2, n.user_id, $4 FROM unnest($3) AS n(user_id) ON CONFLICT DO NOTHING RETURNING user_id";
const LEAVE: &str = "DELETE FROM group_members WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3";

const GUARDS: [Guard; 1] = [(
    "groups_tenant_id_external_id_key",
    "/external_id",
    "another group of this institution has the same external id",
)];

/// Makes a group, with nobody in it. Somebody who sees his own groups alone leads it.
///
/// # Errors
/// `validation_failed`; `conflict` when the external id is taken.
pub async fn create(tx: &mut TenantTx, scope: &Scope, new: NewGroup) -> Result<Group> {
    let mut group = Group {
        id: tx.new_id(),
        external_id: new.external_id,
        name: new.name,
        kind: new.kind.unwrap_or(GroupKind::Group),
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        provisioned_by: ProvisionedBy::Manual,
        everyone: false,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    check(&mut group)?;
    tx.see_all().await?;
    write(tx, INSERT, &group).await?;
    if let Some(manager) = scope.led_by {
        managers::put(tx, group.id, manager).await?;
    }
    tx.audit(Entry::of("group.created", group.id).is(group.told()));
    Ok(group)
}

/// Changes a group.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the external id is taken.
pub async fn change(tx: &mut TenantTx, key: &Key<id::Group>, change: GroupChange) -> Result<Group> {
    let mut group = queries::get(tx, key).await?;
    let before = group.told();
    group.name = change.name.unwrap_or(group.name);
    group.external_id = change.external_id.unwrap_or(group.external_id);
    if group.kind == GroupKind::Cohort && change.kind == Some(GroupKind::Group) {
        (group.starts_on, group.ends_on) = (None, None);
    }
    group.kind = change.kind.unwrap_or(group.kind);
    group.starts_on = change.starts_on.unwrap_or(group.starts_on);
    group.ends_on = change.ends_on.unwrap_or(group.ends_on);
    check(&mut group)?;
    if group.told() == before {
        return Ok(group);
    }
    group.updated_at = tx.now();
    write(tx, UPDATE, &group).await?;
    tx.audit(Entry::of("group.changed", group.id).was(before).is(group.told()));
    Ok(group)
}

/// Deletes a group. Answers the courses that it was on, directly or by a path, for the sweep.
///
/// # Errors
/// `not_found`.
pub async fn remove(tx: &mut TenantTx, key: &Key<id::Group>) -> Result<Vec<Id<id::Course>>> {
    let group = queries::get(tx, key).await?;
    let courses = enrolments::courses_of_group(tx, group.id).await?;
    // Who stays on a course by another group is for the sweep to see, whoever leads that one.
    tx.see_all().await?;
    let tenant = tx.tenant();
    let delete = sql(DELETE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group.id);
    delete.execute(tx.connection()).await.map_err(failed)?;
    tx.audit(Entry::of("group.deleted", group.id).was(group.told()));
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
    for member in &joined {
        tx.audit(Entry::of("group_member.added", member.id).is(json!({ "group_id": group.id })));
    }
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
        tx.audit(Entry::of("group_member.removed", member).was(json!({ "group_id": group.id })));
        tx.see_all().await?;
        let courses = enrolments::courses_of_group(tx, group.id).await?;
        enrolments::left(tx, &courses, member).await?;
    }
    Ok(was_in)
}

/// Lets a newcomer in who is put into these groups: whoever sees his own groups alone adds people to those alone, or they
/// would be nobody's. What follows may be of people whom he does not see yet.
///
/// # Errors
/// `validation_failed` where he names no group.
pub(crate) async fn admit(tx: &mut TenantTx, scope: &Scope, groups: &[Group]) -> Result<()> {
    if scope.led_by.is_some() && groups.is_empty() {
        return Err(Error::invalid_field(
            "/groups",
            "required",
            "wanted a group that you lead, for the newcomer to be in",
        ));
    }
    tx.see_all().await
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
    for (pointer, day) in [("/starts_on", group.starts_on), ("/ends_on", group.ends_on)] {
        if day.is_some() && group.kind != GroupKind::Cohort {
            fields.fault(pointer, "value", "only a cohort has days");
        }
    }
    if let (Some(first), Some(last)) = (group.starts_on, group.ends_on)
        && last < first
    {
        fields.fault("/ends_on", "range", "wanted a day that is not before starts_on");
    }
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
        .bind::<Text, _>(group.kind.as_str())
        .bind::<Nullable<Date>, _>(group.starts_on)
        .bind::<Nullable<Date>, _>(group.ends_on)
        .bind::<Text, _>(group.provisioned_by.as_str())
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
