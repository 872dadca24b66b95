//! Forgetting entries that are past their retention.
//!
//! Not here: when that is done (`stoa_jobs::housekeeping`). The rows are forgotten by a function of the database that
//! runs as their owner and lets nothing go that is younger than ninety days; no role may delete any itself.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Integer, Timestamptz},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{HouseTx, failed, sql},
    error::Result,
};

/// Entries forgotten in one transaction.
const AT_ONCE: i32 = 5_000;

/// Forgets a handful of the entries from before a time, of any institution and of the staff; answers how many that were.
///
/// # Errors
/// As the database says; it refuses a time that is less than ninety days ago by its own clock.
pub async fn forget(tx: &mut HouseTx, before: DateTime<Utc>) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        forgotten: i32,
    }
    let row: Row = sql("SELECT stoa_forget_audit($1, $2) AS forgotten")
        .bind::<Timestamptz, _>(before)
        .bind::<Integer, _>(AT_ONCE)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    Ok(row.forgotten.into())
}
