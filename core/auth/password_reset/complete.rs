//! From a token to another password.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::invalid;
use crate::{
    audit::Entry,
    auth::{LetterToken, keep_password},
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    institutions::InstitutionStatus,
    tokens,
};

macro_rules! by_token {
    ($more:literal) => {
        concat!(
            "SELECT r.user_id AS \"user\", u.email, i.status FROM password_resets r
               JOIN users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
               JOIN memberships m ON m.tenant_id = r.tenant_id AND m.user_id = r.user_id AND m.status = 'active'
               JOIN institutions i ON i.tenant_id = r.tenant_id
             WHERE r.tenant_id = $1 AND r.hash = $2 AND r.used_at IS NULL AND r.expires_at > $3",
            $more
        )
    };
}
const CHECK: &str = by_token!("");
/// Of two with one token, the second waits here and then finds it used.
const TAKE: &str = by_token!(" FOR NO KEY UPDATE OF r");
/// The token and all others of the person.
const USE: &str = "UPDATE password_resets SET used_at = $3, secret = NULL
  WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL";

/// Whose password it is.
#[derive(Debug, Clone, QueryableByName)]
pub struct Found {
    /// The person.
    #[diesel(sql_type = SqlUuid)]
    pub user: Id<id::User>,
    /// The person's address.
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    status: InstitutionStatus,
}

/// Finds whose password a token is for, before the work of hashing another.
///
/// # Errors
/// `password_reset_invalid`, `tenant_suspended`.
pub async fn check(tx: &mut TenantTx, token: &LetterToken) -> Result<Found> {
    find(tx, CHECK, token).await
}

/// Sets the password, and ends all sessions of the person. Answers which.
///
/// # Errors
/// As [`check`].
pub async fn complete(tx: &mut TenantTx, token: &LetterToken, hash: &str) -> Result<(Found, Vec<Id<id::Token>>)> {
    let found = find(tx, TAKE, token).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(USE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(found.user)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    keep_password(tx, found.user, hash).await?;
    let ended = tokens::end_sessions(tx, found.user, None).await?;
    tx.audit(Entry::of("user.password_reset", found.user));
    Ok((found, ended))
}

async fn find(tx: &mut TenantTx, text: &'static str, token: &LetterToken) -> Result<Found> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement =
        sql(text).bind::<SqlUuid, _>(tenant).bind::<Binary, _>(token.hash().to_vec()).bind::<Timestamptz, _>(now);
    let found: Option<Found> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let found = found.ok_or_else(invalid)?;
    found.status.admit()?;
    Ok(found)
}
