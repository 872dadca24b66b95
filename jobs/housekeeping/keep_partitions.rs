//! Makes the partitions of the ledger and the log ahead, and drops those that are past their retention.
//!
//! Idempotent: a partition that is there is not made again, and one that is gone is gone.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{
    Result,
    retention::{self, Fate},
};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Makes, moves and drops.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeepPartitions {}

impl Job for KeepPartitions {
    const NAME: &'static str = "housekeeping/keep_partitions";
    const QUEUE: Queue = Queue::Housekeeping;
    // A lock that is not to be had within two seconds is tried again when the table may be quieter.
    const POLICY: Policy =
        Policy { attempts: 20, timeout: Duration::from_mins(10), backoff: Backoff::doubling(10_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match keep(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn keep(ctx: &JobCtx) -> Result<()> {
    let db = &ctx.tools.db;
    let made = retention::make_partitions(db).await?;
    let moved = retention::move_strays(db).await?;
    let mut dropped = 0_u64;
    for (partition, fate) in retention::drop_partitions(db, &ctx.tools.retention).await? {
        match fate {
            Fate::Dropped => {
                dropped += 1;
                tracing::info!(partition, "dropped a partition: it is past its retention");
            }
            Fate::Kept => {
                tracing::warn!(partition, "kept a partition past its retention: something in it is still owed");
            }
        }
    }
    metrics::counter!("stoa_partitions_dropped_total").increment(dropped);
    tracing::info!(made, moved, dropped, "partitions are in order");
    Ok(())
}
