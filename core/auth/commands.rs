//! What may be done with passwords.

use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Hasher, PASSWORD_MAX, PASSWORD_MIN};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    fields::Fields,
    id::{Id, User},
};

const SET: &str = "INSERT INTO credentials (tenant_id, user_id, password_hash, updated_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (tenant_id, user_id) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at";

/// Sets a person's password. Blocks for the time of a hash.
///
/// # Errors
/// `validation_failed` for one too short or too long.
pub async fn set_password(tx: &mut TenantTx, hasher: &Hasher, user: Id<User>, password: &str) -> Result<()> {
    check_password(password)?;
    keep_password(tx, user, &hasher.hash(password)?).await
}

/// Checks a password that somebody chose.
///
/// # Errors
/// `validation_failed` for one too short or too long.
pub fn check_password(password: &str) -> Result<()> {
    let mut fields = Fields::new();
    if password.chars().count() < PASSWORD_MIN || password.len() > PASSWORD_MAX {
        fields.fault("/password", "length", format!("wanted {PASSWORD_MIN} characters to {PASSWORD_MAX} bytes"));
    }
    fields.finish()
}

/// Keeps the hash of a person's password, a PHC string.
///
/// # Errors
/// As the database says.
pub async fn keep_password(tx: &mut TenantTx, user: Id<User>, hash: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(SET)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(hash)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
