//! An institution keeps an owner.
//!
//! Not here: who may make somebody owner (`may_grant`).

use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Member, MemberStatus};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    scope::Role,
};

/// Of two owners who leave at once, or make each other less, the second waits here and then finds himself the last.
const ONE_LEAVES_AT_A_TIME: &str = "SELECT FROM institutions WHERE tenant_id = $1 FOR NO KEY UPDATE";
const OTHER_OWNER: &str = "SELECT EXISTS (SELECT FROM memberships
  WHERE tenant_id = $1 AND role = 'owner' AND status = 'active' AND user_id <> ALL ($2)) AS holds";

/// Is an owner whom the institution can rely on.
pub(crate) fn is_owner(member: &Member) -> bool {
    member.role == Role::Owner && member.status == MemberStatus::Active
}

/// Checks that somebody else stays owner when these people leave, are deactivated or become less, which nobody else then
/// does until the transaction ends. Locks the institution, after the people: whoever locks both keeps to that order.
///
/// # Errors
/// `conflict` when they are the last.
pub async fn leave_an_owner(tx: &mut TenantTx, leaving: &[Id<id::User>]) -> Result<()> {
    #[derive(QueryableByName)]
    struct Holds {
        #[diesel(sql_type = Bool)]
        holds: bool,
    }
    tx.see_all().await?;
    let tenant = tx.tenant();
    sql(ONE_LEAVES_AT_A_TIME).bind::<SqlUuid, _>(tenant).execute(tx.connection()).await.map_err(failed)?;
    let other = sql(OTHER_OWNER)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(leaving.iter().map(|person| person.uuid()).collect::<Vec<_>>());
    let row: Holds = other.get_result(tx.connection()).await.map_err(failed)?;
    if row.holds {
        return Ok(());
    }
    Err(Error::new(Code::Conflict, "an institution needs an owner; make somebody else owner first"))
}
