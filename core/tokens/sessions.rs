//! A person's own sessions.
//!
//! Not here: opening one (`commands`), and tokens that belong to the institution.

use diesel::{
    QueryableByName,
    sql_types::{Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Token, rows::columns};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id},
};

const LIST: &str = columns!(
    "SELECT",
    "FROM tokens t WHERE t.tenant_id = $1 AND t.user_id = $2 AND t.kind = 'session' AND t.revoked_at IS NULL
       AND t.expires_at > $3 ORDER BY t.id DESC LIMIT 1000"
);
const END: &str = "UPDATE tokens SET revoked_at = coalesce(revoked_at, $4)
  WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND kind = 'session'";
const END_OF_ALL: &str = "UPDATE tokens SET revoked_at = $3
  WHERE tenant_id = $1 AND user_id = ANY ($2) AND kind = 'session' AND revoked_at IS NULL";
const END_ALL: &str = "UPDATE tokens SET revoked_at = $4
  WHERE tenant_id = $1 AND user_id = $2 AND kind = 'session' AND revoked_at IS NULL AND ($3 IS NULL OR id <> $3) RETURNING id";

/// Lists the sessions of a person that work, the newest first; a thousand at most.
///
/// # Errors
/// As the database says.
pub async fn sessions(tx: &mut TenantTx, person: Id<id::User>) -> Result<Vec<Token>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(LIST)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(person)
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Ends a session of a person. One that has ended stays so.
///
/// # Errors
/// `not_found`, also for a session of somebody else.
pub async fn end_session(tx: &mut TenantTx, person: Id<id::User>, session: Id<id::Token>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(END)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(person)
        .bind::<SqlUuid, _>(session)
        .bind::<Timestamptz, _>(now);
    match statement.execute(tx.connection()).await.map_err(failed)? {
        0 => Err(Error::not_found("session")),
        _ => Ok(()),
    }
}

/// Ends every session of some people.
///
/// # Errors
/// As the database says.
pub(crate) async fn end_sessions_of(tx: &mut TenantTx, people: Vec<uuid::Uuid>) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(END_OF_ALL)
        .bind::<SqlUuid, _>(tenant)
        .bind::<diesel::sql_types::Array<SqlUuid>, _>(people)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Ends every session of a person but one, and answers which.
///
/// # Errors
/// As the database says.
pub async fn end_sessions(
    tx: &mut TenantTx,
    person: Id<id::User>,
    but: Option<Id<id::Token>>,
) -> Result<Vec<Id<id::Token>>> {
    #[derive(QueryableByName)]
    struct Ended {
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Token>,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let ended: Vec<Ended> = sql(END_ALL)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(person)
        .bind::<Nullable<SqlUuid>, _>(but.map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(ended.into_iter().map(|session| session.id).collect())
}
