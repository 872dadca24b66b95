//! What may be done with the staff.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{From, Member, StaffRole, StaffToken, StaffTokenKind, note, second_factor, sessions::end_sessions};
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
const REVOKE: &str = "UPDATE staff s SET revoked_at = coalesce(s.revoked_at, $2) FROM staff o
  WHERE s.id = $1 AND o.id = s.id RETURNING o.revoked_at IS NULL AS was_there";

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
    let (token, now) = (StaffToken::fresh(StaffTokenKind::Person), tx.now());
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
    // On the command line of the server, so from nowhere and by nobody who could be named.
    note(tx, member.id, "staff.hired", &From::default()).await?;
    Ok(Hired { member, token })
}

/// Takes the second factor from somebody who lost it, and ends the sessions.
///
/// # Errors
/// `not_found` for somebody who has none.
pub async fn reset_second_factor(tx: &mut HouseTx, id: Id<id::Staff>) -> Result<()> {
    if second_factor::look(tx, id).await?.is_none() {
        return Err(Error::not_found("second factor of such a member of the staff"));
    }
    second_factor::remove(tx, id).await?;
    end_sessions(tx, id, None).await?;
    note(tx, id, "staff_second_factor.reset", &From::default()).await
}

/// Revokes a person's token. One that is revoked stays so.
///
/// # Errors
/// `not_found`.
pub async fn revoke(tx: &mut HouseTx, id: Id<id::Staff>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        was_there: bool,
    }
    let now = tx.now();
    let statement = sql(REVOKE).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    let row: Option<Row> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    match row {
        None => Err(Error::not_found("member of the staff")),
        Some(row) if row.was_there => note(tx, id, "staff.revoked", &From::default()).await,
        Some(_) => Ok(()),
    }
}
