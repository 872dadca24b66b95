//! What an institution asks of its people when they sign in.
//!
//! Not here: the second factor itself (`second_factor`), and who is stopped without one (the edge).
//!
//! # Rule
//! Where a second factor is demanded, a session of somebody whose role keeps the institution opens nothing but the doors
//! to one's own account, until the person has one. Whoever demands it has one already, so that nobody locks himself out.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::second_factor;
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    members::{Member, may_grant},
    scope::{Role, Scope},
    tokens,
};

const GET: &str = "SELECT i.require_second_factor, count(m.user_id) AS people,
    count(m.user_id) FILTER (WHERE f.user_id IS NULL) AS without
  FROM institutions i
  LEFT JOIN memberships m ON m.tenant_id = i.tenant_id AND m.role = ANY ($2) AND m.status = 'active'
  LEFT JOIN second_factors f ON f.tenant_id = m.tenant_id AND f.user_id = m.user_id AND f.confirmed_at IS NOT NULL
  WHERE i.tenant_id = $1 GROUP BY i.require_second_factor";
const SET: &str = "UPDATE institutions SET require_second_factor = $2, updated_at = $3
  WHERE tenant_id = $1 AND require_second_factor <> $2";

/// What is asked, and of how many it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Policy {
    /// Those who keep the institution do nothing before they have a second factor.
    #[diesel(sql_type = Bool)]
    pub require_second_factor: bool,
    /// Active members whose role keeps the institution.
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    /// Of them, those without a second factor.
    #[diesel(sql_type = BigInt)]
    pub without: i64,
}

/// Gets what is asked.
///
/// # Errors
/// As the database says.
pub async fn get(tx: &mut TenantTx) -> Result<Policy> {
    let tenant = tx.tenant();
    let keepers: Vec<&str> =
        Role::ALL.into_iter().filter(|role| role.keeps_the_institution()).map(Role::as_str).collect();
    let statement = sql(GET).bind::<SqlUuid, _>(tenant).bind::<Array<Text>, _>(keepers);
    statement.get_result(tx.connection()).await.map_err(failed)
}

/// Demands a second factor, or no more.
///
/// # Errors
/// `second_factor_required` for a person who demands what he has not.
pub async fn set(tx: &mut TenantTx, scope: &Scope, required: bool) -> Result<Policy> {
    if let Some(person) = scope.person().filter(|_| required)
        && second_factor::look(tx, person).await?.is_none()
    {
        let detail = "set up a second factor of your own first, or you lock yourself out";
        return Err(Error::new(Code::SecondFactorRequired, detail));
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let changed = sql(SET)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Bool, _>(required)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    if changed > 0 {
        let asked = |required: bool| json!({ "require_second_factor": required });
        tx.audit(Entry::of("institution.sign_in_policy_changed", tenant).was(asked(!required)).is(asked(required)));
    }
    get(tx).await
}

/// Takes the second factor from somebody who lost it and its recovery codes, and ends his sessions. Answers which.
///
/// # Errors
/// `ability_missing` for a role above the caller; `not_found` where there is none.
pub async fn take_factor_away(tx: &mut TenantTx, scope: &Scope, member: &Member) -> Result<Vec<Id<id::Token>>> {
    may_grant(scope, member.role)?;
    if second_factor::look(tx, member.id).await?.is_none() {
        return Err(Error::not_found("second factor"));
    }
    second_factor::remove(tx, member.id).await?;
    tx.audit(Entry::of("user.second_factor_removed", member.id));
    tokens::end_sessions(tx, member.id, None).await
}
