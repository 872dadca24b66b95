//! What may be asked about letters.

use std::collections::HashMap;

use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Letter, LetterStatus, Suspension, rows::letter_columns};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id},
};

macro_rules! letters {
    ($which:literal) => {
        concat!(
            "SELECT ",
            letter_columns!(),
            " FROM letters l
              LEFT JOIN suspended_addresses s ON s.tenant_id = l.tenant_id AND s.address_hash = l.address_hash
              WHERE l.tenant_id = $1 AND ",
            $which
        )
    };
}

// What narrows most has a statement of its own, so that its plan, which is kept, begins with the index for it.
macro_rules! page {
    ($narrow:literal) => {
        concat!(
            letters!($narrow),
            " AND ($2::uuid IS NULL OR l.id < $2) AND ($3::uuid IS NULL OR l.user_id = $3)
              AND ($4::text IS NULL OR l.kind = $4) AND ($5::text IS NULL OR l.status = $5)
              ORDER BY l.id DESC LIMIT $6"
        )
    };
}

/// Which letters.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// To this member.
    pub user: Option<Id<id::User>>,
    /// Of this kind.
    pub kind: Option<String>,
    /// With this outcome.
    pub status: Option<LetterStatus>,
    /// Older than this one.
    pub before: Option<Id<id::Letter>>,
}

/// Lists letters, the newest first, and says whether there are older ones.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, listing: &Listing, most: i64) -> Result<(Vec<Letter>, bool)> {
    let tenant = tx.tenant();
    let statement = if listing.user.is_some() { sql(page!("l.user_id = $3")) } else { sql(page!("true")) };
    let mut rows: Vec<Letter> = statement
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(listing.before)
        .bind::<Nullable<SqlUuid>, _>(listing.user)
        .bind::<Nullable<Text>, _>(&listing.kind)
        .bind::<Nullable<Text>, _>(listing.status.map(LetterStatus::as_str))
        .bind::<BigInt, _>(most.saturating_add(1))
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    Ok((rows, more))
}

/// Gets a letter.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::Letter>) -> Result<Letter> {
    let tenant = tx.tenant();
    let found = sql(letters!("l.id = $2")).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    let found = found.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("letter"))
}

/// Which of these members have an address that nothing is sent to.
///
/// # Errors
/// As the database says.
pub async fn suspended(tx: &mut TenantTx, users: &[Id<id::User>]) -> Result<HashMap<Id<id::User>, Suspension>> {
    const SUSPENDED: &str = "SELECT u.id AS user_id, s.letter_id, s.reason, s.suspended_at
      FROM users u JOIN suspended_addresses s
        ON s.tenant_id = u.tenant_id AND s.address_hash = sha256(convert_to(u.email_key, 'UTF8'))
      WHERE u.tenant_id = $1 AND u.id = ANY ($2)";
    let tenant = tx.tenant();
    let statement = sql(SUSPENDED).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(users);
    let rows: Vec<Suspension> = statement.load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.user_id, row)).collect())
}
