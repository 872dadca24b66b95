//! Sends what waited while a receiver was paused, oldest first, a handful at a time.
//!
//! Idempotent: what is sent twice is left out when it is loaded; the promise names where it goes on.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, TenantId, id, webhooks};

use super::DeliverWebhooks;
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Deliveries of one promise.
const HANDFUL: i64 = 200;

/// Promises the deliveries that a resumed receiver is owed.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResumeWebhook {
    /// Whose it is.
    pub tenant: TenantId,
    /// The receiver.
    pub webhook: Id<id::Webhook>,
    /// Goes on after this delivery.
    pub after: Option<Id<id::Delivery>>,
}

impl Job for ResumeWebhook {
    const NAME: &'static str = "webhooks/resume";
    const QUEUE: Queue = Queue::Webhooks;
    const POLICY: Policy =
        Policy { attempts: 50, timeout: Duration::from_mins(1), backoff: Backoff::doubling(1_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match resume(self, ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.webhook.to_string())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, webhook: Id::from_uuid(HOUSE.uuid()), after: None }
    }
}

async fn resume(job: ResumeWebhook, ctx: &JobCtx) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    let owed = webhooks::pending_of(&mut tx, job.tenant, job.webhook, (job.after, HANDFUL)).await?;
    if let Some(last) = owed.last().copied() {
        let whole = i64::try_from(owed.len()).is_ok_and(|count| count == HANDFUL);
        queue::enqueue(&mut tx, NewJob::of(job.tenant, &DeliverWebhooks::of(job.tenant, owed))?).await?;
        if whole {
            queue::enqueue(&mut tx, NewJob::of(job.tenant, &ResumeWebhook { after: Some(last), ..job })?).await?;
        }
    }
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Webhooks);
    Ok(())
}
