//! Tells the operator of rows that lie in a default partition.
//!
//! # Shape
//! `stoa_partition_strays{table}`: rows that no partition was made for, counted up to a bound. They are found and sent
//! like any other; but they are not dropped with age until they are moved, and moving many takes a while.

use metrics::gauge;
use stoa_core::{
    Result,
    retention::{self, Parted},
};

use crate::context::JobTools;

/// Counts them, and sets the gauges.
///
/// # Errors
/// As the database says; the gauges keep their last values.
pub async fn watch_partitions(tools: JobTools) -> Result<()> {
    for table in Parted::ALL {
        let mut tx = tools.db.house().await?;
        let strays = retention::strays(&mut tx, table).await?;
        tx.commit().await?;
        let rows: i64 = strays.iter().map(|stray| stray.count).sum();
        gauge!("stoa_partition_strays", "table" => table.as_str())
            .set(f64::from(i32::try_from(rows).unwrap_or(i32::MAX)));
        if let Some(first) = strays.as_slice().first() {
            tracing::warn!(
                table = table.as_str(),
                rows,
                from = %first.starts_at,
                "rows lie in the default partition; those of the past are moved by the next housekeeping, those of the \
                 future mean that a clock is wrong"
            );
        }
    }
    Ok(())
}
