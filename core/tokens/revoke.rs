//! Ending tokens.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    Token,
    announce::{self, Reason},
    rows::columns,
};
use crate::{
    audit::Entry,
    db::{HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id},
};

const REVOKE: &str = columns!(
    "WITH t AS (UPDATE tokens SET revoked_at = $3
     WHERE tenant_id = $1 AND id = $2 AND kind IN ('integration', 'application') AND revoked_at IS NULL RETURNING *)
     SELECT",
    "FROM t"
);
const IS_THERE: &str =
    "SELECT id FROM tokens WHERE tenant_id = $1 AND id = $2 AND kind IN ('integration', 'application')";
const REVOKE_OF_APPLICATION: &str = "UPDATE tokens SET revoked_at = $3
  WHERE tenant_id = $1 AND application_id = $2 AND revoked_at IS NULL RETURNING id";
const FORGET_ENDED: &str = "DELETE FROM tokens WHERE kind = 'application' AND expires_at < $1";

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Token>,
}

/// Revokes a token of an integration or an application. One that is revoked stays so.
///
/// # Errors
/// `not_found`.
pub async fn revoke(tx: &mut TenantTx, id: Id<id::Token>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(REVOKE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    let revoked: Option<Token> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    if let Some(token) = revoked {
        tx.audit(Entry::of("token.revoked", id).was(announce::noted(&token)));
        announce::revoked(tx, &token, Reason::Revoked);
        return Ok(());
    }
    let statement = sql(IS_THERE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    let known: Option<Named> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    known.map(drop).ok_or_else(|| Error::not_found("token"))
}

/// Revokes every token of an application; answers which were not revoked before.
///
/// # Errors
/// As the database says.
pub async fn revoke_of_application(tx: &mut TenantTx, application: Id<id::Application>) -> Result<Vec<Id<id::Token>>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let revoked: Vec<Named> = sql(REVOKE_OF_APPLICATION)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(application)
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(revoked.into_iter().map(|token| token.id).collect())
}

/// Forgets tokens of applications that ended before a time; answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget_ended(house: &mut HouseTx, before: DateTime<Utc>) -> Result<usize> {
    sql(FORGET_ENDED).bind::<Timestamptz, _>(before).execute(house.connection()).await.map_err(failed)
}
