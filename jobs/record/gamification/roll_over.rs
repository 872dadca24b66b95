//! Lets dates end: where nothing was done, a freeze covers the date or the streak breaks. Each learner's date ends by the
//! clocks of his own zone, and every few minutes those are looked at for whom one did.
//!
//! Idempotent: a streak is folded from its dates, and what was written down once is not found again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Result, Scope, TenantId};
use stoa_record::gamification;

use crate::{
    context::{JobCtx, JobTools},
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Rolls over whoever is due.
#[derive(Debug, Serialize, Deserialize)]
pub struct RollOver {}

impl Job for RollOver {
    const NAME: &'static str = "gamification/roll_over";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(30), backoff: Backoff::doubling(5_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match roll_over(&ctx.tools).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

/// One institution in which it fails keeps no other waiting.
async fn roll_over(tools: &JobTools) -> Result<()> {
    let mut house = tools.db.house().await?;
    let due = gamification::due_institutions(&mut house).await?;
    house.commit().await?;
    let mut outcome = Ok(());
    for tenant in due {
        if let Err(error) = within(tools, tenant).await {
            tracing::warn!(%error, tenant.id = %tenant, "streaks could not be rolled over");
            outcome = Err(error);
        }
    }
    outcome
}

async fn within(tools: &JobTools, tenant: TenantId) -> Result<()> {
    loop {
        let mut tx = tools.db.tenant(&Scope::house(tenant)).await?;
        let has_more = gamification::roll_over(&mut tx).await?;
        tx.commit().await?;
        if !has_more {
            return Ok(());
        }
    }
}
