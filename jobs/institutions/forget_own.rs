//! Forgets, once a day, what institutions do not want kept as long as the platform keeps it.
//!
//! Idempotent: what is gone is gone.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::institutions;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Deletes rows that are too old for their institution.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetOwn {}

impl Job for ForgetOwn {
    const NAME: &'static str = "institutions/forget_own";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_hours(2), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match institutions::forget_own(&ctx.tools.db, &ctx.tools.retention).await {
            Ok(rows) => {
                tracing::info!(rows, "forgot what institutions want kept for fewer days than the platform");
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}
