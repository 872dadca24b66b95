//! Adding somebody.
//!
//! Not here: changing and removing (`change`), and asking somebody to come (`invitations`).

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Member, MemberStatus, NewMember, ProvisionedBy, announce, email_key, may_grant, seats::take_seats};
use crate::{
    db::{Guard, TenantTx, failed, sql, taken},
    error::{Error, Result},
    groups,
    id::{self, Id, TenantId},
    scope::{Actor, Role, Scope},
};

const INSERT: &str = "WITH person AS (
  INSERT INTO users (tenant_id, id, external_id, email, email_key, name, first_name, last_name, locale, time_zone,
                     created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
  RETURNING number
), membership AS (
  INSERT INTO memberships (tenant_id, user_id, role, status, provisioned_by, invited_at, joined_at, created_at, updated_at)
  VALUES ($1, $2, $12, $13, $14, CASE WHEN $13 = 'invited' THEN $11 END, CASE WHEN $13 = 'active' THEN $11 END, $11, $11)
)
SELECT number FROM person";

const TIME_ZONE: &str = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1) AS holds";

pub(super) const GUARDS: [Guard; 2] = [
    ("users_tenant_id_email_key_key", "/email", "a member of this institution has the same e-mail address"),
    ("users_tenant_id_external_id_key", "/external_id", "a member of this institution has the same external id"),
];

/// How somebody comes: as what, and by which way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coming {
    pub(crate) status: MemberStatus,
    pub(crate) by: ProvisionedBy,
}

impl Coming {
    /// At once active.
    pub(crate) const BY_HAND: Self = Self { status: MemberStatus::Active, by: ProvisionedBy::Manual };
    /// At once active, by somebody of the platform.
    pub(crate) const BY_OPERATOR: Self = Self { status: MemberStatus::Active, by: ProvisionedBy::Operator };
    /// Asked to join.
    pub(crate) const INVITED: Self = Self { status: MemberStatus::Invited, by: ProvisionedBy::Invitation };

    fn of(scope: &Scope) -> Self {
        match scope.actor {
            Actor::Staff(_) => Self::BY_OPERATOR,
            Actor::Person(_) | Actor::Integration(_) | Actor::House => Self::BY_HAND,
        }
    }
}

/// Adds a person, at once active, to the institution and to groups of it.
///
/// # Errors
/// `validation_failed`, also for somebody who sees his own groups alone and names none of them; `ability_missing` for a
/// role above the caller; `conflict` when the address or the external id is taken, also by a removed member, whom a
/// change of status brings back; `seats_exceeded`.
pub async fn add(tx: &mut TenantTx, scope: &Scope, mut new: NewMember) -> Result<Member> {
    let keys = std::mem::take(&mut new.groups);
    let new = new.checked()?;
    may_grant(scope, new.role.unwrap_or(Role::Learner))?;
    let groups = groups::resolve(tx, "/groups", &keys).await?;
    groups::admit(tx, scope, &groups).await?;
    check_time_zone(tx.connection(), new.time_zone.as_deref()).await?;
    take_seats(tx, 1).await?;
    let (tenant, id, now) = (tx.tenant(), tx.new_id(), tx.now());
    let member = insert(tx.connection(), tenant, id, (new, Coming::of(scope), now)).await?;
    arrived(tx, scope, &member).await?;
    for group in &groups {
        groups::add_members(tx, scope, group, vec![member.clone()]).await?;
    }
    Ok(member)
}

/// Tells of somebody who was not known before, and puts him on all that everyone is on.
pub(super) async fn arrived(tx: &mut TenantTx, scope: &Scope, member: &Member) -> Result<()> {
    announce::came(tx, member, true);
    groups::arrived(tx, scope, member).await
}

/// Writes a person whose fields were checked.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    id: Id<id::User>,
    (new, coming, now): (NewMember, Coming, DateTime<Utc>),
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
        .bind::<Text, _>(coming.status.as_str())
        .bind::<Text, _>(coming.by.as_str())
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
        status: coming.status,
        provisioned_by: coming.by,
        sticky: Vec::new(),
        invited_at: Some(now).filter(|_| coming.status == MemberStatus::Invited),
        joined_at: Some(now).filter(|_| coming.status == MemberStatus::Active),
        removed_at: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    })
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
