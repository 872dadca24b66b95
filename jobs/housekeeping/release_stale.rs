//! Gives back what a lost process had in hand.
//!
//! A chore of every node and not a job: it must run while queues are paused and workers are down. Nodes skip
//! what another one is giving back at the same moment.

use std::str::FromStr;

use stoa_core::Result;

use crate::{context::JobTools, job::Queue, queue};

/// Makes jobs whose lease ran out available again, and wakes the workers.
///
/// # Errors
/// As the database says; the next round finds them.
pub async fn release_stale(tools: JobTools) -> Result<()> {
    loop {
        let mut tx = tools.db.house().await?;
        let released = queue::release_stale(&mut tx).await?;
        tx.commit().await?;
        if released.is_empty() {
            return Ok(());
        }
        tracing::warn!(jobs = released.len(), "gave back jobs whose process was lost");
        metrics::counter!("stoa_jobs_stale_total").increment(u64::try_from(released.len()).unwrap_or(u64::MAX));
        for queue in released.iter().filter_map(|name| Queue::from_str(name).ok()) {
            tools.wakes.wake(queue);
        }
    }
}
