//! What may be done with people.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use stoa_protocols::event::{EventData, EventType, ObjectKind};

use super::{
    Member, MemberChange, MemberStatus, NewMember, check_places, email_key, may_grant, queries::get_for_change,
    split_name,
};
use crate::{
    db::{Guard, TenantTx, failed, sql, taken},
    error::{Code, Error, Result},
    events::NewEvent,
    fields::{Fields, NAME_MAX},
    groups,
    id::{self, Id, TenantId},
    key::Key,
    scope::{Role, Scope},
};

const INSERT: &str = "WITH person AS (
  INSERT INTO users (tenant_id, id, external_id, email, email_key, name, first_name, last_name, locale, time_zone,
                     created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
  RETURNING number
), membership AS (
  INSERT INTO memberships (tenant_id, user_id, role, status, created_at, updated_at) VALUES ($1, $2, $12, 'active', $11, $11)
)
SELECT number FROM person";

const UPDATE: &str = "WITH person AS (
  UPDATE users SET external_id = $3, name = $4, first_name = $5, last_name = $6, locale = $7, time_zone = $8, updated_at = $9
  WHERE tenant_id = $1 AND id = $2
)
UPDATE memberships SET role = $10, status = $11, updated_at = $9 WHERE tenant_id = $1 AND user_id = $2";

/// Of two owners who leave at once, the second waits here and then finds himself the last.
const ONE_LEAVES_AT_A_TIME: &str = "SELECT FROM institutions WHERE tenant_id = $1 FOR NO KEY UPDATE";
const OTHER_OWNER: &str = "SELECT EXISTS (SELECT FROM memberships
  WHERE tenant_id = $1 AND role = 'owner' AND status = 'active' AND user_id <> $2) AS holds";

const TIME_ZONE: &str = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1) AS holds";

const GUARDS: [Guard; 2] = [
    ("users_tenant_id_email_key_key", "/email", "a member of this institution has the same e-mail address"),
    ("users_tenant_id_external_id_key", "/external_id", "a member of this institution has the same external id"),
];

/// Adds a person, at once active.
///
/// # Errors
/// `validation_failed`; `ability_missing` for a role above the caller; `conflict` when the address or the external
/// id is taken, also by a removed member, whom a change of status brings back.
pub async fn add(tx: &mut TenantTx, scope: &Scope, new: NewMember) -> Result<Member> {
    let new = new.checked()?;
    may_grant(scope, new.role.unwrap_or(Role::Learner))?;
    check_time_zone(tx.connection(), new.time_zone.as_deref()).await?;
    let (tenant, id, now) = (tx.tenant(), tx.new_id(), tx.now());
    let member = insert(tx.connection(), tenant, id, (new, now)).await?;
    let data = EventData { user: Some(member.facts()), ..EventData::default() };
    tx.record(NewEvent {
        event_type: EventType::UserCreated,
        object_kind: ObjectKind::User,
        object_id: member.id.uuid(),
        revision: 1,
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at: now,
        concludes: false,
    });
    groups::arrived(tx, scope, &member).await?;
    Ok(member)
}

/// Changes a person's fields, role or status.
///
/// # Errors
/// `not_found`, `validation_failed`; `ability_missing` where the old or the new role is above the caller; `conflict`
/// when the external id is taken or the last owner would go.
pub async fn change(tx: &mut TenantTx, scope: &Scope, key: &Key<id::User>, change: MemberChange) -> Result<Member> {
    let before = get_for_change(tx, key).await?;
    let mut after = changed(before.clone(), change)?;
    if after == before {
        return Ok(before);
    }
    if after.time_zone != before.time_zone {
        check_time_zone(tx.connection(), after.time_zone.as_deref()).await?;
    }
    after.updated_at = tx.now();
    replace(tx, scope, &before, &after).await?;
    Ok(after)
}

/// Removes a person; what was learned stays on record.
///
/// # Errors
/// `not_found`, also for somebody removed before; `ability_missing` for a role above the caller; `conflict` for the
/// last owner.
pub async fn remove(tx: &mut TenantTx, scope: &Scope, key: &Key<id::User>) -> Result<()> {
    let before = get_for_change(tx, key).await?;
    if before.status == MemberStatus::Removed {
        return Err(Error::not_found("member"));
    }
    let after = Member { status: MemberStatus::Removed, updated_at: tx.now(), ..before.clone() };
    replace(tx, scope, &before, &after).await
}

/// Writes a person whose fields were checked.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    id: Id<id::User>,
    (new, now): (NewMember, DateTime<Utc>),
) -> Result<Member> {
    #[derive(QueryableByName)]
    struct Numbered {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let role = new.role.unwrap_or(Role::Learner);
    let row: Numbered = sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Text>, _>(&new.external_id)
        .bind::<Text, _>(&new.email)
        .bind::<Text, _>(email_key(&new.email))
        .bind::<Text, _>(new.name.as_deref().unwrap_or_default())
        .bind::<Text, _>(new.first_name.as_deref().unwrap_or_default())
        .bind::<Text, _>(new.last_name.as_deref().unwrap_or_default())
        .bind::<Nullable<Text>, _>(&new.locale)
        .bind::<Nullable<Text>, _>(&new.time_zone)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(role.as_str())
        .get_result(connection)
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(Member {
        id,
        number: row.number,
        external_id: new.external_id,
        email: new.email,
        name: new.name.unwrap_or_default(),
        first_name: new.first_name.unwrap_or_default(),
        last_name: new.last_name.unwrap_or_default(),
        locale: new.locale,
        time_zone: new.time_zone,
        role,
        status: MemberStatus::Active,
        joined_at: now,
        updated_at: now,
    })
}

fn changed(mut member: Member, change: MemberChange) -> Result<Member> {
    let mut fields = Fields::new();
    if let Some(mut name) = change.name {
        fields.name("/name", &mut name);
        let (first, last) = split_name(&name);
        (member.first_name, member.last_name) = (first.to_owned(), last.to_owned());
        member.name = name;
    }
    if let Some(mut first_name) = change.first_name {
        fields.name("/first_name", &mut first_name);
        member.first_name = first_name;
    }
    if let Some(mut last_name) = change.last_name {
        fields.text("/last_name", &mut last_name, NAME_MAX);
        member.last_name = last_name;
    }
    if let Some(external_id) = change.external_id {
        fields.external_id("/external_id", external_id.as_deref());
        member.external_id = external_id;
    }
    let mut locale = change.locale.unwrap_or_else(|| member.locale.take());
    let time_zone = change.time_zone.unwrap_or_else(|| member.time_zone.take());
    check_places(&mut fields, &mut locale, time_zone.as_deref());
    if matches!(change.status, Some(MemberStatus::Invited | MemberStatus::Removed)) {
        fields.fault("/status", "value", "wanted active or deactivated; DELETE removes a member");
    }
    fields.finish()?;
    Ok(Member {
        locale,
        time_zone,
        role: change.role.unwrap_or(member.role),
        status: change.status.unwrap_or(member.status),
        ..member
    })
}

async fn replace(tx: &mut TenantTx, scope: &Scope, before: &Member, after: &Member) -> Result<()> {
    may_grant(scope, before.role)?;
    may_grant(scope, after.role)?;
    let stays_owner = |member: &Member| member.role == Role::Owner && member.status == MemberStatus::Active;
    if stays_owner(before) && !stays_owner(after) {
        leave_an_owner(tx, before.id).await?;
    }
    let tenant = tx.tenant();
    sql(UPDATE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(after.id)
        .bind::<Nullable<Text>, _>(&after.external_id)
        .bind::<Text, _>(&after.name)
        .bind::<Text, _>(&after.first_name)
        .bind::<Text, _>(&after.last_name)
        .bind::<Nullable<Text>, _>(&after.locale)
        .bind::<Nullable<Text>, _>(&after.time_zone)
        .bind::<Timestamptz, _>(after.updated_at)
        .bind::<Text, _>(after.role.as_str())
        .bind::<Text, _>(after.status.as_str())
        .execute(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(())
}

async fn leave_an_owner(tx: &mut TenantTx, leaving: Id<id::User>) -> Result<()> {
    let tenant = tx.tenant();
    sql(ONE_LEAVES_AT_A_TIME).bind::<SqlUuid, _>(tenant).execute(tx.connection()).await.map_err(failed)?;
    let other = sql(OTHER_OWNER).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(leaving);
    let row: Holds = other.get_result(tx.connection()).await.map_err(failed)?;
    if row.holds {
        return Ok(());
    }
    Err(Error::new(Code::Conflict, "an institution needs an owner; make somebody else owner first"))
}

/// Checks that the database knows a time zone. It reads its zones from files, so only new names are asked for.
pub(crate) async fn check_time_zone(connection: &mut AsyncPgConnection, zone: Option<&str>) -> Result<()> {
    let Some(zone) = zone else { return Ok(()) };
    let row: Holds = sql(TIME_ZONE).bind::<Text, _>(zone).get_result(connection).await.map_err(failed)?;
    if row.holds { Ok(()) } else { Err(Error::invalid_field("/time_zone", "value", "no such IANA time zone")) }
}

#[derive(QueryableByName)]
struct Holds {
    #[diesel(sql_type = Bool)]
    holds: bool,
}
