//! Sends what waited while a receiver was paused, oldest first, a handful at a time.
//!
//! Also what its limits had put off and its order had held back, once they are changed. Both are kept: what waits for
//! its window or behind another of its object goes on waiting.
//!
//! Idempotent: what is sent twice is left out when it is loaded; the promise names where it goes on. Not unique: each
//! looks at what was owed before it was asked for, so a later one sees more.

use std::{collections::HashMap, time::Duration};

use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, TenantId, id};
use stoa_webhooks as webhooks;
use stoa_webhooks::Promised;

use super::{
    DeliverWebhooks,
    promises::{Later, Why, promises, waiting_for},
};
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

    fn sample() -> Self {
        Self { tenant: HOUSE, webhook: Id::from_uuid(HOUSE.uuid()), after: None }
    }
}

async fn resume(job: ResumeWebhook, ctx: &JobCtx) -> Result<()> {
    let (tenant, webhook) = (job.tenant, job.webhook);
    let mut tx = ctx.tools.db.house().await?;
    if job.after.is_none() {
        queue::hasten::<DeliverWebhooks>(&mut tx, &[waiting_for(tenant, webhook)]).await?;
    }
    let (freed, all_free) = webhooks::free_all(&mut tx, tenant, webhook, HANDFUL).await?;
    // What was freed just now is owed and has its promise below.
    let before = ctx.job.uuid();
    let owed = webhooks::pending_of(&mut tx, (tenant, webhook), (job.after, before), HANDFUL).await?;
    let whole = i64::try_from(owed.len()).is_ok_and(|count| count == HANDFUL);
    let last = owed.last().copied();
    let freed: HashMap<_, _> = freed.into_iter().map(|one| (one.delivery, one)).collect();
    let owed = owed.into_iter().filter(|delivery| !freed.contains_key(delivery));
    let owed = owed.map(|delivery| Promised { tenant, delivery, at: tx.now() });
    let later: Vec<Later> =
        freed.values().copied().chain(owed).map(|promised| Later { promised, why: Why::Time }).collect();
    queue::enqueue_many(&mut tx, promises(&later)?).await?;
    if whole || !all_free {
        let next = ResumeWebhook { after: if whole { last } else { job.after.or(last) }, ..job };
        queue::enqueue(&mut tx, NewJob::of(tenant, &next)?).await?;
    }
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Webhooks);
    Ok(())
}
