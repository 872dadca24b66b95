//! Looks after receivers that fail: their people are told, told once more, and the receivers are switched off.
//!
//! Idempotent: each step is taken once for a spell of failure, in the transaction that records what is told. The letters
//! follow from the events.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::Result;
use stoa_webhooks as webhooks;
use stoa_webhooks::Stage;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Receivers of one transaction.
const BATCH: i64 = 100;

/// Takes the next step with every receiver that has failed for long enough.
#[derive(Debug, Serialize, Deserialize)]
pub struct WatchHealth {}

impl Job for WatchHealth {
    const NAME: &'static str = "webhooks/watch_health";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(5), backoff: Backoff::doubling(10_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match watch(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn watch(ctx: &JobCtx) -> Result<()> {
    loop {
        let mut tx = ctx.tools.db.house().await?;
        let told = webhooks::watch(&mut tx, &ctx.tools.health, BATCH).await?;
        tx.commit().await?;
        for one in &told {
            let what = match one.stage {
                Stage::Failing => "fails",
                Stage::LastDay => "has failed for days and will be switched off",
                Stage::Disabled => "has failed for days and was switched off",
            };
            tracing::warn!(tenant.id = %one.tenant, webhook.id = %one.webhook, "a receiver {what}");
        }
        if i64::try_from(told.len()).is_ok_and(|count| count < BATCH) {
            return Ok(());
        }
    }
}
