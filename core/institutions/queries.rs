//! What may be asked of institutions.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Binary, Bool, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Institution, rows::institution_columns};
use crate::{
    db::{HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, TenantId},
    key::Key,
};

/// Each key by its own index.
const FIND: &str = concat!(
    "SELECT ",
    institution_columns!(),
    " FROM institutions i WHERE i.tenant_id = $1 OR i.external_id = $2 OR i.number = $3 OR i.slug = $4"
);
const OWN: &str = concat!("SELECT ", institution_columns!(), " FROM institutions i WHERE i.tenant_id = $1");
const LOCK: &str =
    concat!("SELECT ", institution_columns!(), " FROM institutions i WHERE i.tenant_id = $1 FOR NO KEY UPDATE");

/// Finds an institution by its id, its number, its slug or the operator's own key.
///
/// # Errors
/// As the database says.
pub async fn find(house: &mut HouseTx, key: &Key<id::Institution>) -> Result<Option<Institution>> {
    let rows: Vec<Institution> = sql(FIND)
        .bind::<Nullable<SqlUuid>, _>(key.id())
        .bind::<Nullable<Text>, _>(key.external_id())
        .bind::<Nullable<BigInt>, _>(key.word().and_then(|word| word.parse::<i64>().ok()))
        .bind::<Nullable<Text>, _>(key.word())
        .load(house.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().find(|institution| institution.is_named(key)))
}

/// Says whether an institution was made by the same request; none of one that was made by none.
///
/// # Errors
/// As the database says.
pub async fn made_of(house: &mut HouseTx, tenant: TenantId, request: &[u8; 32]) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        same: bool,
    }
    let row: Row = sql("SELECT coalesce(made_of = $2, false) AS same FROM institutions WHERE tenant_id = $1")
        .bind::<SqlUuid, _>(tenant)
        .bind::<Binary, _>(request.as_slice())
        .get_result(house.connection())
        .await
        .map_err(failed)?;
    Ok(row.same)
}

/// Gets the caller's own institution, if that is the one that a key names. Any other does not exist for the caller.
///
/// # Errors
/// `not_found`.
pub async fn own(tx: &mut TenantTx, key: &Key<id::Institution>) -> Result<Institution> {
    one(tx, OWN).await?.filter(|institution| institution.is_named(key)).ok_or_else(|| Error::not_found("institution"))
}

/// Lets pass where the doors of the transaction's institution are open: for whoever comes without a token of it.
///
/// # Errors
/// `tenant_suspended`; `not_found`.
pub async fn admit(tx: &mut TenantTx) -> Result<()> {
    one(tx, OWN).await?.ok_or_else(|| Error::not_found("institution"))?.status.admit()
}

/// Gets the institution of the transaction, which nobody else changes until the end of it.
pub(super) async fn for_change(tx: &mut TenantTx) -> Result<Institution> {
    one(tx, LOCK).await?.ok_or_else(|| Error::not_found("institution"))
}

async fn one(tx: &mut TenantTx, text: &'static str) -> Result<Option<Institution>> {
    let tenant = tx.tenant();
    let rows: Vec<Institution> = sql(text).bind::<SqlUuid, _>(tenant).load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().next())
}
