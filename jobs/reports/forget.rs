//! Forgets files of reports whose links work no more, and what became of reports long ago.
//!
//! Idempotent: what is forgotten is not found again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::Result;
use stoa_record::reports::runs;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Looks through all institutions.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetReports {}

impl Job for ForgetReports {
    const NAME: &'static str = "reports/forget";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(5), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match forget(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn forget(ctx: &JobCtx) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    runs::forget(&mut tx).await?;
    tx.commit().await
}
