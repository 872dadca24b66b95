//! Rows found by many keys at once, each answered in the place of its key.

use diesel::{
    QueryableByName,
    pg::Pg,
    sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{TenantTx, failed, sql};
use crate::{error::Result, key::Key};

/// A row, and the place of the key that found it, from 1.
#[derive(QueryableByName)]
struct Placed<T> {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(embed)]
    row: T,
}

/// Finds the row of each key, in the order of the keys, by one statement. `read` turns a word into what the
/// statement compares it with.
///
/// The statement is given the tenant as `$1`, and as `$2`, `$3` and `$4` equally long arrays of ids, external ids
/// and words, of which each key fills one; it answers `place` beside the row's columns.
///
/// # Errors
/// As the database says.
pub async fn find_by_keys<K, T>(
    tx: &mut TenantTx,
    text: &'static str,
    keys: &[Key<K>],
    read: fn(&str) -> String,
) -> Result<Vec<Option<T>>>
where
    T: QueryableByName<Pg> + Clone + Send + 'static,
{
    let tenant = tx.tenant();
    let rows: Vec<Placed<T>> = sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<Nullable<SqlUuid>>, _>(keys.iter().map(Key::id).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(keys.iter().map(Key::external_id).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(keys.iter().map(|key| key.word().map(read)).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut found = vec![None; keys.len()];
    for Placed { place, row } in rows {
        if let Some(slot) = usize::try_from(place - 1).ok().and_then(|place| found.get_mut(place)) {
            *slot = Some(row);
        }
    }
    Ok(found)
}

/// How many rows all pages have.
#[derive(QueryableByName)]
pub struct Total {
    #[diesel(sql_type = BigInt)]
    /// The number of rows.
    pub total: i64,
}
