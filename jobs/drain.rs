//! Runs what is due, now, in order, in the caller's task: for tests and for the shell.
//!
//! The same claim, the same runner and the same settlement as the workers, without their concurrency and their
//! waiting. With a clock that stands still it is deterministic.

use std::collections::HashMap;

use stoa_core::{Code, Error, Result};

use crate::{
    context::JobTools,
    job::Queue,
    queue::{self, Claim},
    registry::Registry,
    worker::perform,
};

/// Jobs claimed at once.
const BATCH: usize = 100;
/// A job that keeps promising itself would otherwise never let go.
const MOST_RUNS: usize = 100_000;

/// Runs every due job of every queue, and what becomes due by them, and answers how many runs that were.
///
/// # Errors
/// As the database says; `conflict` when the work does not come to an end.
pub async fn drain_due(tools: &JobTools, registry: &Registry) -> Result<usize> {
    let mut runs = 0;
    loop {
        let before = runs;
        for queue in Queue::ALL {
            runs += drain_batch(tools, registry, *queue).await?;
        }
        if runs == before {
            return Ok(runs);
        }
        if runs > MOST_RUNS {
            return Err(Error::new(Code::Conflict, "the due jobs keep making more due jobs"));
        }
    }
}

async fn drain_batch(tools: &JobTools, registry: &Registry, queue: Queue) -> Result<usize> {
    let mut tx = tools.db.house().await?;
    let claim = Claim { queue, most: BATCH, per_tenant: i64::MAX, running: HashMap::new() };
    let claimed = queue::claim(&mut tx, &tools.leases, &claim).await?;
    tx.commit().await?;
    let runs = claimed.len();
    for job in claimed {
        let settlement = perform(registry, tools, job).await;
        let mut tx = tools.db.house().await?;
        queue::settle(&mut tx, &[settlement]).await?;
        tx.commit().await?;
    }
    Ok(runs)
}
