//! Lets requests for subscriptions expire that nobody decided on in time.
//!
//! Idempotent: a request that is not open any more is left as it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Code, Id, Result, Scope, TenantId, id};
use stoa_webhooks::subscription_requests::{expire, overdue};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    mail::SubscriptionRequestLetter,
    queue::{NewJob, enqueue},
};

/// Requests that are looked for at once.
const BATCH: i64 = 100;

/// Closes what is overdue, one transaction each, with the letter that tells of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireSubscriptionRequests {}

impl Job for ExpireSubscriptionRequests {
    const NAME: &'static str = "housekeeping/expire_subscription_requests";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(5), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match expire_overdue(ctx).await {
            Ok(0) => Outcome::Done,
            Ok(expired) => {
                tracing::info!(expired, "let requests for subscriptions expire");
                ctx.tools.wakes.wake(Queue::Mail);
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn expire_overdue(ctx: &JobCtx) -> Result<usize> {
    let mut expired = 0;
    loop {
        let mut tx = ctx.tools.db.house().await?;
        let found = overdue(&mut tx, BATCH).await?;
        drop(tx);
        if found.is_empty() {
            return Ok(expired);
        }
        for (tenant, request) in found {
            match expire_one(ctx, tenant, request).await {
                Ok(()) => expired += 1,
                // Somebody decided it meanwhile.
                Err(error) if error.code() == Code::Conflict => {}
                Err(error) => return Err(error),
            }
        }
    }
}

async fn expire_one(ctx: &JobCtx, tenant: TenantId, request: Id<id::SubscriptionRequest>) -> Result<()> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(tenant)).await?;
    expire(&mut tx, request, None).await?;
    let letter = SubscriptionRequestLetter { tenant, request, reader: None };
    enqueue(&mut tx, NewJob::of(tenant, &letter)?).await?;
    tx.commit().await
}
