//! Forgets failed sign-ins of long ago, so that the table does not grow for ever.
//!
//! Idempotent: what is gone is gone.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Result, auth};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// How long a failed sign-in is kept, in days: longer than any window of the throttle.
const KEPT_DAYS: i64 = 7;

/// Deletes windows of failed sign-ins that began more than a week ago.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetFailures {}

impl Job for ForgetFailures {
    const NAME: &'static str = "housekeeping/forget_failures";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(1), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match forget(ctx).await {
            Ok(forgotten) => {
                tracing::info!(forgotten, "forgot failed sign-ins of more than {KEPT_DAYS} days ago");
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
    let forgotten = auth::forget_failures(&mut tx, before).await?;
    tx.commit().await?;
    Ok(forgotten)
}
