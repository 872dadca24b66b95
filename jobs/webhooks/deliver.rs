//! The promise behind deliveries: those that the relay handed straight to the post room, and every retry.
//!
//! Idempotent: what was received or cancelled meanwhile is left out when the deliveries are loaded. A receiver
//! may see an event twice when a process dies between an attempt and its record; it tells by the event's id.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Code, Error, Id, Result, TenantId, id, webhooks};

use super::hand::Hand;
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, JobKey, NewJob},
};

/// When a delivery behind an unattempted first announcement looks again.
pub(super) const HELD_AGAIN: TimeDelta = TimeDelta::milliseconds(250);

/// Attempts deliveries that are owed.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeliverWebhooks {
    /// Institution and delivery of each.
    pub deliveries: Vec<(TenantId, Id<id::Delivery>)>,
}

impl DeliverWebhooks {
    /// Makes the promise for deliveries of one institution.
    pub fn of(tenant: TenantId, deliveries: Vec<Id<id::Delivery>>) -> Self {
        Self { deliveries: deliveries.into_iter().map(|delivery| (tenant, delivery)).collect() }
    }
}

impl Job for DeliverWebhooks {
    const NAME: &'static str = "webhooks/deliver";
    const QUEUE: Queue = Queue::Webhooks;
    // Attempts here are of the job, that is crashes and outages of ours; those of a delivery are in its row.
    const POLICY: Policy =
        Policy { attempts: 1_000, timeout: Duration::from_mins(5), backoff: Backoff::doubling(1_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match deliver(self, ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn sample() -> Self {
        Self::of(HOUSE, vec![Id::from_uuid(HOUSE.uuid())])
    }
}

async fn deliver(job: DeliverWebhooks, ctx: &JobCtx) -> Result<()> {
    let room = &ctx.tools.post_room;
    let mut tx = ctx.tools.db.house().await?;
    let (outgoing, held) = webhooks::due(&mut tx, room.sealer(), &job.deliveries).await?;
    if !held.is_empty() {
        let later = NewJob::of(ctx.scope.tenant, &DeliverWebhooks { deliveries: held })?.at(tx.now() + HELD_AGAIN);
        queue::enqueue(&mut tx, later).await?;
        // Otherwise a crash or a stop from here on would leave two promises of what is held.
        let rest = outgoing.iter().map(|one| (one.receiver.tenant, one.delivery)).collect();
        let this = JobKey { tenant: ctx.scope.tenant, id: ctx.job };
        queue::narrow(&mut tx, (this, ctx.attempt), &DeliverWebhooks { deliveries: rest }).await?;
    }
    tx.commit().await?;
    if !outgoing.is_empty() {
        let hand = Hand::awaited(outgoing.len());
        room.send(outgoing, std::sync::Arc::clone(&hand)).await?;
        if !hand.wait().await {
            let why = "an outcome could not be written; what is still owed is tried again";
            return Err(Error::new(Code::Internal, why));
        }
    }
    Ok(())
}
