//! What may be asked of institutions.

use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Institution;
use crate::{
    db::{HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    id,
    key::Key,
};

const FIND: &str = "SELECT tenant_id, number, name, external_id, locale, time_zone, status, created_at, updated_at
  FROM institutions WHERE tenant_id = $1 OR external_id = $2 OR number = $3";

/// Finds an institution by its id, its number or the operator's own key.
///
/// # Errors
/// As the database says.
pub async fn find(house: &mut HouseTx, key: &Key<id::Institution>) -> Result<Option<Institution>> {
    let rows: Vec<Institution> = sql(FIND)
        .bind::<Nullable<SqlUuid>, _>(key.id())
        .bind::<Nullable<Text>, _>(key.external_id())
        .bind::<Nullable<BigInt>, _>(key.word().and_then(|word| word.parse::<i64>().ok()))
        .load(house.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().find(|institution| institution.is_named(key)))
}

/// Gets the caller's own institution, if that is the one that a key names. Any other does not exist for the caller.
///
/// # Errors
/// `not_found`.
pub async fn own(tx: &mut TenantTx, key: &Key<id::Institution>) -> Result<Institution> {
    let tenant = tx.tenant();
    let rows: Vec<Institution> = sql(FIND)
        .bind::<Nullable<SqlUuid>, _>(Some(tenant.uuid()))
        .bind::<Nullable<Text>, _>(None::<String>)
        .bind::<Nullable<BigInt>, _>(None::<i64>)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let own = rows.into_iter().find(|institution| institution.is_named(key));
    own.ok_or_else(|| Error::not_found("institution"))
}
