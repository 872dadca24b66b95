//! What may be asked of the staff.

use chrono::TimeDelta;
use diesel::{
    OptionalExtension,
    sql_types::{Binary, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Member, StaffToken};
use crate::{
    db::{HouseTx, failed, sql},
    error::Result,
};

/// A use is written down once in this time.
const EVERY: TimeDelta = TimeDelta::minutes(1);

const VERIFY: &str = "SELECT id, email, name, role, last4, created_at, expires_at, last_used_at, revoked_at
  FROM staff WHERE hash = $1 AND revoked_at IS NULL";
const TOUCH: &str = "UPDATE staff SET last_used_at = $2 WHERE id = $1";
const LIST: &str = "SELECT id, email, name, role, last4, created_at, expires_at, last_used_at, revoked_at
  FROM staff ORDER BY id";

/// Finds whose a token is, unless it is revoked, and notes that it was used. It may have expired.
///
/// # Errors
/// As the database says.
pub async fn verify(tx: &mut HouseTx, token: &StaffToken) -> Result<Option<Member>> {
    let statement = sql(VERIFY).bind::<Binary, _>(token.hash().to_vec());
    let found: Option<Member> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let now = tx.now();
    if let Some(member) = &found
        && member.expires_at.is_none_or(|end| now < end)
        && member.last_used_at.is_none_or(|last| last + EVERY <= now)
    {
        let touch = sql(TOUCH).bind::<SqlUuid, _>(member.id).bind::<Timestamptz, _>(now);
        touch.execute(tx.connection()).await.map_err(failed)?;
    }
    Ok(found)
}

/// Lists the staff, also those whose token is revoked, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut HouseTx) -> Result<Vec<Member>> {
    sql(LIST).load(tx.connection()).await.map_err(failed)
}
