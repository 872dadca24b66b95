//! The first phase: each row of the file becomes a row of the plan; nobody is changed.
//!
//! Not here: how rows are read (`stoa_protocols::roster`).
//!
//! A chunk of rows is looked up, judged and written down in one short transaction; when the last one was, the plan is
//! closed: twins within the file, people whom it does not name, and what stands against applying it.

mod close;
mod hand;
mod judge;
mod people;
mod places;
mod write;

#[cfg(test)]
mod tests;

pub use close::close;
use diesel::sql_types::{Integer, Jsonb, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
pub use places::Places;
use serde_json::Value;
use stoa_protocols::roster::{Empty, Entry, Forms, Rules};

use self::{
    judge::{Bench, judge},
    people::People,
};
use super::{Import, ImportOptions, turn::LEASE};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    fields::{canonical_language, is_email},
};

/// Rows of one chunk, about.
pub const CHUNK: usize = 2_000;

const MOVE_ON: &str =
    "UPDATE imports SET rows_read = rows_read + $3, read_through = $4, lease_until = $5, updated_at = $6,
    reading_at = coalesce(reading_at, $6), sheet = coalesce($7, sheet)
  WHERE tenant_id = $1 AND id = $2";

/// Plans a chunk of rows, of an import whose turn it is, and moves it on. `sheet` tells what was found out about the file.
///
/// # Errors
/// As the database says.
pub async fn stage(
    tx: &mut TenantTx,
    import: &Import,
    places: &mut Places,
    (entries, sheet): (&[Entry], Option<&Value>),
) -> Result<()> {
    let options = import.options()?;
    let (groups, courses) = places.learn(tx, entries).await?;
    let mut people = People::find(tx, entries).await?;
    people.find_places(tx, &groups, &courses).await?;
    if let Some(set) = &options.data_set {
        people.find_gone(tx, set).await?;
    }
    let bench = Bench { grants: import.grants(), options: &options, people: &people, places };
    let rows: Vec<_> = entries.iter().map(|entry| judge(&bench, entry)).collect();
    write::write(tx, import.id, &rows).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let through = rows.last().map_or(import.read_through, |row| row.line);
    sql(MOVE_ON)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Integer, _>(i32::try_from(rows.len()).unwrap_or(i32::MAX))
        .bind::<Integer, _>(through)
        .bind::<Timestamptz, _>(now + LEASE)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Jsonb>, _>(sheet)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// How files are read for an import.
pub fn rules(options: &ImportOptions) -> Rules {
    Rules {
        empty: if options.clear_empty { Empty::Clears } else { Empty::Untouched },
        forms: Forms { is_email, language: canonical_language },
    }
}
