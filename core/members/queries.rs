//! What may be asked of people.

use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Member, email_key, rows::member_columns};
use crate::{
    db::{TenantTx, failed, find_by_keys, sql},
    error::{Error, Result},
    id,
    key::Key,
};

macro_rules! members_by_key {
    () => {
        concat!(
            "SELECT k.place, ",
            member_columns!(),
            " FROM unnest($2, $3, $4) WITH ORDINALITY AS k(id, external_id, email_key, place)
              JOIN users u ON u.tenant_id = $1 AND u.erased_at IS NULL
                AND (u.id = k.id OR u.external_id = k.external_id OR u.email_key = k.email_key)
              JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id"
        )
    };
}
const FIND_ALL: &str = members_by_key!();
const AFTER: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
      WHERE u.tenant_id = $1 AND ($2 IS NULL OR u.id > $2) AND m.status <> 'removed' ORDER BY u.id LIMIT $3"
);
const FIND_FOR_CHANGE: &str = concat!(members_by_key!(), " FOR NO KEY UPDATE OF u, m");

const BY_NUMBER: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
      WHERE u.tenant_id = $1 AND u.number = $2 AND m.status <> 'removed'"
);

/// Lists those who have not left after one, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn list_after(tx: &mut TenantTx, (after, limit): (Option<Uuid>, i64)) -> Result<Vec<Member>> {
    let tenant = tx.tenant();
    let some = sql(AFTER).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(after).bind::<BigInt, _>(limit);
    some.load(tx.connection()).await.map_err(failed)
}

/// Finds the person of each key, in the order of the keys. A word is read as an e-mail address.
///
/// # Errors
/// As the database says.
pub async fn find_all(tx: &mut TenantTx, keys: &[Key<id::User>]) -> Result<Vec<Option<Member>>> {
    find_by_keys(tx, FIND_ALL, keys, email_key).await
}

/// Finds a person.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, key: &Key<id::User>) -> Result<Option<Member>> {
    Ok(find_all(tx, std::slice::from_ref(key)).await?.pop().flatten())
}

/// Finds a person.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::User>) -> Result<Member> {
    find(tx, key).await?.ok_or_else(|| Error::not_found("member"))
}

/// Gets a person who has not left, by the integer id.
///
/// # Errors
/// `not_found`.
pub async fn get_numbered(tx: &mut TenantTx, number: i64) -> Result<Member> {
    let tenant = tx.tenant();
    let found = sql(BY_NUMBER).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(number).get_result(tx.connection()).await;
    found.optional().map_err(failed)?.ok_or_else(|| Error::not_found("member"))
}

/// Gets a person whom nobody else changes until the transaction ends.
pub(super) async fn get_for_change(tx: &mut TenantTx, key: &Key<id::User>) -> Result<Member> {
    let found = find_by_keys(tx, FIND_FOR_CHANGE, std::slice::from_ref(key), email_key).await?;
    found.into_iter().next().flatten().ok_or_else(|| Error::not_found("member"))
}

/// Finds the people that fields of a request name; all of them, or the faults.
///
/// # Errors
/// `validation_failed` with the pointer of each key that names nobody.
pub async fn resolve(tx: &mut TenantTx, fields: &[(String, Key<id::User>)]) -> Result<Vec<Member>> {
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = fields.iter().map(|(_, key)| key.clone()).collect();
    let found = find_all(tx, &keys).await?;
    let mut faults = crate::fields::Fields::new();
    for ((pointer, _), member) in fields.iter().zip(&found) {
        if member.is_none() {
            faults.fault(pointer.as_str(), "not_found", "no such member");
        }
    }
    faults.finish()?;
    Ok(found.into_iter().flatten().collect())
}
