//! Forgets what was given up long ago, so that the table does not grow for ever.
//!
//! Idempotent: what is gone is gone.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::Result;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::operate,
};

/// How long an operator finds a discarded job, in days.
const KEPT_DAYS: i64 = 30;

/// Deletes discarded jobs that were promised more than thirty days ago.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetDiscarded {}

impl Job for ForgetDiscarded {
    const NAME: &'static str = "housekeeping/forget_discarded";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(1), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match forget(ctx).await {
            Ok(forgotten) => {
                tracing::info!(forgotten, "forgot jobs that were discarded more than {KEPT_DAYS} days ago");
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn forget(ctx: &JobCtx) -> Result<usize> {
    let mut tx = ctx.tools.db.house().await?;
    let before = tx.now() - TimeDelta::days(KEPT_DAYS);
    let forgotten = operate::forget_discarded(&mut tx, before).await?;
    tx.commit().await?;
    Ok(forgotten)
}
