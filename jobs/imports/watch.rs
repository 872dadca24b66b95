//! Looks for imports that should go on and do not: whose promise was lost with its last attempt.
//!
//! Idempotent: an import that is promised already is not promised twice, and one that goes on is not found.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Result, imports};

use super::RunImport;
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, NewJob},
};

/// Without a chunk for so long, an import was forsaken.
const SILENT_MAX: TimeDelta = TimeDelta::minutes(15);

/// Promises forsaken imports anew.
#[derive(Debug, Serialize, Deserialize)]
pub struct WatchImports {}

impl Job for WatchImports {
    const NAME: &'static str = "imports/watch";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(1), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match watch(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn watch(ctx: &JobCtx) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    let since = tx.now() - SILENT_MAX;
    let forsaken = imports::forsaken(&mut tx, since).await?;
    let jobs =
        forsaken.iter().map(|(tenant, import)| NewJob::of(*tenant, &RunImport { tenant: *tenant, import: *import }));
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Imports);
    Ok(())
}
