//! The promise behind deliveries: those that the relay handed straight to the post room, and every retry.
//!
//! Idempotent: what was received or cancelled meanwhile is left out when the deliveries are loaded. A receiver
//! may see an event twice when a process dies between an attempt and its record; it tells by the event's id.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Code, Error, Id, Result, TenantId, db::HouseTx, id};
use stoa_webhooks as webhooks;
use stoa_webhooks::{Due, Promised};

use super::{
    hand::Hand,
    promises::{Later, Why, promises},
};
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, JobKey, NewJob, Settlement, Verdict},
};

/// How long a worker's slot waits for the deliveries of a job.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is due in less is not put off, only looked at again.
const SOON: TimeDelta = TimeDelta::seconds(1);

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
    let Due { outgoing, later, freed } =
        webhooks::due(&mut tx, (room.sealer(), room.base_url()), &job.deliveries).await?;
    let rest = DeliverWebhooks { deliveries: outgoing.iter().map(|one| (one.receiver.tenant, one.delivery)).collect() };
    if !later.is_empty() || !freed.is_empty() {
        promise_later(&mut tx, later, freed).await?;
        // Otherwise a crash or a stop from here on would leave two promises of what goes later.
        queue::narrow(&mut tx, this(ctx), &rest).await?;
    }
    tx.commit().await?;
    if outgoing.is_empty() {
        return Ok(());
    }
    let hand = Hand::awaited(outgoing.len());
    room.send(outgoing, Arc::clone(&hand)).await?;
    match tokio::time::timeout(PATIENCE, hand.wait()).await {
        Ok(written) => written.then_some(()).ok_or_else(unwritten),
        Err(_) => hand_over(ctx, &rest, &hand).await,
    }
}

async fn promise_later(tx: &mut HouseTx, later: Vec<(Id<id::Webhook>, Promised)>, freed: Vec<Promised>) -> Result<()> {
    let soon = tx.now() + SOON;
    let told: Vec<Promised> = later.iter().map(|(_, promised)| *promised).filter(|one| one.at >= soon).collect();
    webhooks::postpone(tx, &told).await?;
    let why = |webhook, at| if at >= soon { Why::Answer(webhook) } else { Why::Time };
    let later = later.into_iter().map(|(webhook, promised)| Later { promised, why: why(webhook, promised.at) });
    let freed = freed.into_iter().map(|promised| Later { promised, why: Why::Time });
    let all: Vec<Later> = later.chain(freed).collect();
    queue::enqueue_many(tx, promises(&all)?).await?;
    Ok(())
}

/// Leaves the promise to the deliveries themselves, and the worker's slot to others: their receivers are slow, or
/// have them wait for their turn. From here on it lives as long as one of them does.
async fn hand_over(ctx: &JobCtx, rest: &DeliverWebhooks, hand: &Hand) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    let promised = NewJob::of(ctx.scope.tenant, rest)?;
    let lease = queue::enqueue_running(&mut tx, &ctx.tools.leases, vec![promised]).await?.pop();
    queue::narrow(&mut tx, this(ctx), &DeliverWebhooks { deliveries: Vec::new() }).await?;
    tx.commit().await?;
    let Some(lease) = lease.and_then(|lease| hand.entrust(lease)) else { return Ok(()) };
    // The last of them was settled meanwhile.
    let mut tx = ctx.tools.db.house().await?;
    queue::settle(&mut tx, &[Settlement { lease, verdict: Verdict::Keep }]).await?;
    tx.commit().await?;
    hand.is_written().then_some(()).ok_or_else(unwritten)
}

fn this(ctx: &JobCtx) -> (JobKey, i32) {
    (JobKey { tenant: ctx.scope.tenant, id: ctx.job }, ctx.attempt)
}

fn unwritten() -> Error {
    Error::new(Code::Internal, "an outcome could not be written; what is still owed is tried again")
}
