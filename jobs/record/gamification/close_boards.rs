//! Freezes weeks and months of leaderboards that are over.
//!
//! Idempotent: what is frozen is not found again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Result, Scope, TenantId};
use stoa_record::gamification::boards;

use crate::{
    context::{JobCtx, JobTools},
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Freezes whatever is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct CloseBoards {}

impl Job for CloseBoards {
    const NAME: &'static str = "gamification/close_boards";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(30), backoff: Backoff::doubling(5_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match close(&ctx.tools).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

/// One institution in which it fails keeps no other waiting.
async fn close(tools: &JobTools) -> Result<()> {
    let mut house = tools.db.house().await?;
    let due = boards::due_institutions(&mut house).await?;
    house.commit().await?;
    let mut outcome = Ok(());
    for tenant in due {
        if let Err(error) = within(tools, tenant).await {
            tracing::warn!(%error, tenant.id = %tenant, "leaderboards could not be frozen");
            outcome = Err(error);
        }
    }
    outcome
}

async fn within(tools: &JobTools, tenant: TenantId) -> Result<()> {
    loop {
        let mut tx = tools.db.tenant(&Scope::house(tenant)).await?;
        let closed = boards::close(&mut tx).await?;
        tx.commit().await?;
        let Some(span) = closed else { return Ok(()) };
        tracing::info!(tenant.id = %tenant, period = span.period.as_str(), starts_on = %span.starts_on, "a leaderboard is frozen");
    }
}
