//! Shows how the erasures stand, as gauges.
//!
//! # Shape
//! `stoa_erasures_open`: asked for and not completed; `stoa_erasures_overdue`: of these, past the time in which they should
//! be; `stoa_erasures_oldest_seconds`: how long the oldest of them waits, 0 if none does.

use metrics::gauge;
use stoa_core::Result;
use stoa_record::privacy::erase;

use crate::context::JobTools;

/// Reads how the erasures stand and sets the gauges.
///
/// # Errors
/// As the database says; the gauges keep their last values.
pub async fn watch_erasures(tools: JobTools) -> Result<()> {
    let mut tx = tools.db.house().await?;
    let now = tx.now();
    let standing = erase::standing(&mut tx).await?;
    tx.commit().await?;
    let count = |rows: i64| f64::from(i32::try_from(rows).unwrap_or(i32::MAX));
    gauge!("stoa_erasures_open").set(count(standing.open));
    gauge!("stoa_erasures_overdue").set(count(standing.overdue));
    let waited = standing.oldest.map_or(0.0, |since| (now - since).as_seconds_f64());
    gauge!("stoa_erasures_oldest_seconds").set(waited);
    Ok(())
}
