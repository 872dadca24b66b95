//! Who leads which group.
//!
//! Not here: that a manager sees the people of his groups alone, which the wall keeps (`db::tenancy`).
//!
//! Anybody of the institution may lead a group; what it changes is what somebody with the role of a manager sees.

use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::Group;
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    members::{Member, MemberStatus, may_grant, member_columns},
    scope::Scope,
};

const PUT: &str = "INSERT INTO group_managers (tenant_id, group_id, user_id, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING";
const TAKE: &str = "DELETE FROM group_managers WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3";
const LIST: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM group_managers l
      JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
      JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.status <> 'removed'
      WHERE l.tenant_id = $1 AND l.group_id = $2 ORDER BY u.id LIMIT 1000"
);

/// Lists who leads a group, the longest in the institution first; a thousand at most.
///
/// # Errors
/// As the database says.
pub async fn list_managers(tx: &mut TenantTx, group: &Group) -> Result<Vec<Member>> {
    let tenant = tx.tenant();
    let list = sql(LIST).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group.id);
    list.load(tx.connection()).await.map_err(failed)
}

/// Lets somebody lead a group. Answers whether he did not before.
///
/// # Errors
/// `ability_missing` for whoever sees his own groups alone, and for a person whose role is above the caller; `not_found`
/// for somebody who has left.
pub async fn appoint(tx: &mut TenantTx, scope: &Scope, group: &Group, member: &Member) -> Result<bool> {
    may_appoint(scope)?;
    may_grant(scope, member.role)?;
    if member.status == MemberStatus::Removed {
        return Err(Error::not_found("member"));
    }
    let is_new = put(tx, group.id, member.id).await?;
    if is_new {
        tx.audit(Entry::of("group_manager.added", member.id).is(json!({ "group_id": group.id })));
    }
    Ok(is_new)
}

/// Lets somebody lead a group no more.
///
/// # Errors
/// `ability_missing` as for appointing; `not_found` for somebody who does not lead it.
pub async fn dismiss(tx: &mut TenantTx, scope: &Scope, group: &Group, member: &Member) -> Result<()> {
    may_appoint(scope)?;
    may_grant(scope, member.role)?;
    let tenant = tx.tenant();
    let take = sql(TAKE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group.id).bind::<SqlUuid, _>(member.id);
    if take.execute(tx.connection()).await.map_err(failed)? == 0 {
        return Err(Error::not_found("manager of the group"));
    }
    tx.audit(Entry::of("group_manager.removed", member.id).was(json!({ "group_id": group.id })));
    Ok(())
}

/// Writes that somebody leads a group.
pub(super) async fn put(tx: &mut TenantTx, group: Id<id::Group>, manager: Id<id::User>) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let put = sql(PUT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(group)
        .bind::<SqlUuid, _>(manager)
        .bind::<Timestamptz, _>(now);
    Ok(put.execute(tx.connection()).await.map_err(failed)? > 0)
}

/// Whoever sees a part of the people decides nothing of who sees which part.
fn may_appoint(scope: &Scope) -> Result<()> {
    if scope.led_by.is_none() {
        return Ok(());
    }
    Err(Error::new(Code::AbilityMissing, "who leads a group is decided by somebody who sees all groups"))
}
