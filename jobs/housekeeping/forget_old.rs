//! Forgets jobs that were given up and sign-ins that failed long ago, so that their tables do not grow for ever.
//!
//! Idempotent: what is gone is gone.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Result, auth};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::operate,
};

/// How long an operator finds a discarded job, in days.
const JOBS_KEPT_DAYS: i64 = 30;
/// How long a failed sign-in is counted at most, in days: longer than any window of the throttle.
const FAILURES_KEPT_DAYS: i64 = 7;

/// Deletes discarded jobs after thirty days, and failed sign-ins after a week.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetOld {}

impl Job for ForgetOld {
    const NAME: &'static str = "housekeeping/forget_old";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(1), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match forget(ctx).await {
            Ok((jobs, failures)) => {
                tracing::info!(jobs, failures, "forgot old discarded jobs and failed sign-ins");
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn forget(ctx: &JobCtx) -> Result<(usize, usize)> {
    let mut tx = ctx.tools.db.house().await?;
    let now = tx.now();
    let jobs = operate::forget_discarded(&mut tx, now - TimeDelta::days(JOBS_KEPT_DAYS)).await?;
    let failures = auth::forget_failures(&mut tx, now - TimeDelta::days(FAILURES_KEPT_DAYS)).await?;
    tx.commit().await?;
    Ok((jobs, failures))
}
