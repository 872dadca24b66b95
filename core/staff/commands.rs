//! What may be done with the staff.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Member, StaffRole, StaffToken};
use crate::{
    db::{Guard, HouseTx, failed, sql, taken},
    error::{Error, Result},
    fields::Fields,
    id::{self, Id},
};

/// Longest life of a token that has an end, in days.
const LIFE_DAYS_MAX: i64 = 3_650;

const INSERT: &str = "INSERT INTO staff (id, email, name, role, hash, last4, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const REVOKE: &str = "UPDATE staff SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1";

const GUARDS: [Guard; 1] =
    [("staff_one_per_address", "/email", "somebody of this address has a token already; revoke it first")];

/// Somebody to be taken on.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// Address.
    pub email: String,
    /// Shown to institutions; what stands before the @ if left out.
    pub name: Option<String>,
    /// What the person may do.
    pub role: StaffRole,
    /// Life of the token in days; no end, if left out.
    pub expires_days: Option<i64>,
}

/// Somebody just taken on: the only time that the token is in the clear.
#[derive(Debug, Clone)]
pub struct Hired {
    /// What is kept.
    pub member: Member,
    /// What the person gets.
    pub token: StaffToken,
}

/// Takes somebody on and makes the person's token.
///
/// # Errors
/// `validation_failed`; `conflict` when a token of the same address works still.
pub async fn hire(tx: &mut HouseTx, new: NewStaff) -> Result<Hired> {
    let NewStaff { mut email, name, role, expires_days } = new;
    let mut fields = Fields::new();
    fields.email("/email", &mut email);
    let mut name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    fields.name("/name", &mut name);
    if let Some(days) = &expires_days {
        fields.within("/expires_days", days, &(1..=LIFE_DAYS_MAX));
    }
    fields.finish()?;
    let (token, now) = (StaffToken::fresh(), tx.now());
    let expires_at: Option<DateTime<Utc>> = expires_days.map(|days| now + TimeDelta::days(days));
    let last4 = token.last4().to_owned();
    let id = tx.new_id();
    let member =
        Member { id, email, name, role, last4, created_at: now, expires_at, last_used_at: None, revoked_at: None };
    sql(INSERT)
        .bind::<SqlUuid, _>(member.id)
        .bind::<Text, _>(&member.email)
        .bind::<Text, _>(&member.name)
        .bind::<Text, _>(member.role.as_str())
        .bind::<Binary, _>(token.hash().to_vec())
        .bind::<Text, _>(&member.last4)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Timestamptz>, _>(member.expires_at)
        .execute(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(Hired { member, token })
}

/// Revokes a person's token. One that is revoked stays so.
///
/// # Errors
/// `not_found`.
pub async fn revoke(tx: &mut HouseTx, id: Id<id::Staff>) -> Result<()> {
    let now = tx.now();
    let statement = sql(REVOKE).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    match statement.execute(tx.connection()).await.map_err(failed)? {
        0 => Err(Error::not_found("member of the staff")),
        _ => Ok(()),
    }
}
