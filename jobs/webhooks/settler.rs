//! Outcomes written by the hundred. While one transaction commits, the next outcomes gather.
//!
//! In one transaction: attempts, deliveries, the health of receivers, the promises of retries, and the promise
//! behind a batch when its last delivery is settled. The database being away is a pause, not a loss: outcomes
//! wait in memory, attempts wait for room, and after a crash the promises bring everything back.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use stoa_core::{Code, Id, Result, TenantId, db::Db, id};
use stoa_webhooks as webhooks;
use stoa_webhooks::{Next, Promised, Settlement};
use tokio::sync::mpsc;

use super::{
    deliver::DeliverWebhooks,
    hand::Hand,
    promises::{Later, Why, promises, waiting_for_answer},
};
use crate::{
    job::Queue,
    queue::{self, Hastened, Lease, Leases, NewJob, Verdict, Wakes},
};

/// Outcomes of one transaction at most.
const BATCH: usize = 512;
/// Longest pause while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A pause that the log tells of.
const TOLD: TimeDelta = TimeDelta::seconds(1);
/// Refusals, the database answering, after which a batch is taken apart.
const REFUSALS_MAX: i32 = 3;

/// What came of a delivery in hand.
pub(super) enum Outcome {
    /// It was attempted.
    Attempted(Box<Settlement>, Arc<Hand>),
    /// It was not, and comes back by the queue.
    Deferred(Later, Arc<Hand>),
    /// It was not, and its retry window has closed.
    Expired { tenant: TenantId, webhook: Id<id::Webhook>, delivery: Id<id::Delivery>, hand: Arc<Hand> },
}

/// Writes outcomes down.
pub(super) struct Settler {
    db: Db,
    wakes: Wakes,
    leases: Leases,
    outcomes: mpsc::Receiver<Outcome>,
}

/// A batch, taken apart once and written as often as it takes.
#[derive(Debug)]
struct Ledger {
    settlements: Vec<Settlement>,
    retries: Vec<Later>,
    deferred: Vec<Later>,
    expired: Vec<(TenantId, Id<id::Webhook>, Id<id::Delivery>)>,
    kept: Vec<queue::Settlement>,
    hands: Vec<Arc<Hand>>,
}

impl Settler {
    pub(super) fn new(db: Db, wakes: Wakes, leases: Leases, outcomes: mpsc::Receiver<Outcome>) -> Self {
        Self { db, wakes, leases, outcomes }
    }

    /// Runs until the last lane is gone and everything is written.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.outcomes.recv_many(&mut batch, BATCH).await > 0 {
            let ledger = Ledger::of(std::mem::take(&mut batch));
            self.write_until_done(&ledger).await;
            for hand in &ledger.hands {
                hand.tell();
            }
        }
        tracing::debug!(leases = self.leases.count(), "the settler has written everything");
    }

    /// Writes a batch as often as it takes. What is refused three times although the database answers is taken
    /// apart, so that one outcome that cannot be written does not hold up all others.
    async fn write_until_done(&self, ledger: &Ledger) -> bool {
        let (mut pause, mut refused) = (Duration::from_millis(20), 0);
        while let Err(error) = self.write(ledger).await {
            tracing::warn!(outcomes = ledger.settlements.len(), %error, "outcomes could not be written; trying again");
            refused += i32::from(error.code() != Code::UpstreamUnavailable);
            if refused == REFUSALS_MAX {
                if !ledger.is_single() {
                    return Box::pin(self.write_singly(ledger)).await;
                }
                tracing::error!(?ledger, "an outcome cannot be written and is left to its promise");
                return false;
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
        true
    }

    /// Where one outcome cannot be written, the promises behind the batch are not kept: they run out, and bring back
    /// what is still owed.
    async fn write_singly(&self, ledger: &Ledger) -> bool {
        let mut written = true;
        for one in ledger.singles() {
            written &= self.write_until_done(&one).await;
        }
        if !written {
            ledger.hands.iter().for_each(|hand| hand.spoil());
        } else if let Err(error) = self.keep_promises(ledger).await {
            tracing::warn!(%error, "promises of settled batches are left to run out by themselves");
        }
        written
    }

    async fn keep_promises(&self, ledger: &Ledger) -> Result<()> {
        let mut tx = self.db.house().await?;
        queue::settle(&mut tx, &ledger.kept).await?;
        tx.commit().await
    }

    async fn write(&self, ledger: &Ledger) -> Result<()> {
        let mut tx = self.db.house().await?;
        let webhooks::Settled { disabled, mut freed } = webhooks::settle(&mut tx, &ledger.settlements).await?;
        let expired: Vec<_> = ledger.expired.iter().map(|(tenant, _, delivery)| (*tenant, *delivery)).collect();
        freed.extend(webhooks::exhaust(&mut tx, &expired).await?);
        let postponed = ledger.postponed(tx.now());
        webhooks::postpone(&mut tx, &postponed).await?;
        let promises = ledger.promises(&freed)?;
        let wakes = !promises.is_empty();
        queue::enqueue_many(&mut tx, promises).await?;
        queue::hasten::<DeliverWebhooks>(&mut tx, &ledger.called_back()).await?;
        queue::settle(&mut tx, &ledger.kept).await?;
        tx.commit().await?;
        for one in disabled {
            tracing::warn!(tenant.id = %one.tenant, webhook.id = %one.webhook, cancelled = one.cancelled, "a receiver is gone and was disabled");
        }
        if wakes {
            self.wakes.wake(Queue::Webhooks);
        }
        Ok(())
    }
}

impl Ledger {
    fn empty() -> Self {
        Self { settlements: vec![], retries: vec![], deferred: vec![], expired: vec![], kept: vec![], hands: vec![] }
    }

    fn of(batch: Vec<Outcome>) -> Self {
        let mut ledger = Self { settlements: Vec::with_capacity(batch.len()), ..Self::empty() };
        let mut counts: HashMap<*const Hand, (Arc<Hand>, usize)> = HashMap::new();
        for outcome in batch {
            let hand = match outcome {
                Outcome::Attempted(settlement, hand) => {
                    if let Next::Retry(at) = settlement.next {
                        let promised = Promised { tenant: settlement.tenant, delivery: settlement.delivery, at };
                        ledger.retries.push(Later { promised, why: Why::Time });
                    }
                    ledger.settlements.push(*settlement);
                    hand
                }
                Outcome::Deferred(later, hand) => {
                    ledger.deferred.push(later);
                    hand
                }
                Outcome::Expired { tenant, webhook, delivery, hand } => {
                    ledger.expired.push((tenant, webhook, delivery));
                    hand
                }
            };
            counts.entry(Arc::as_ptr(&hand)).or_insert_with(|| (hand, 0)).1 += 1;
        }
        for (hand, count) in counts.into_values() {
            ledger.kept.extend(hand.settled(count).map(keep));
            ledger.hands.push(hand);
        }
        ledger
    }

    fn is_single(&self) -> bool {
        self.settlements.len() + self.deferred.len() + self.expired.len() <= 1 && self.kept.is_empty()
    }

    /// Each outcome by itself, with the retry that follows it; promises behind batches stay with the whole.
    fn singles(&self) -> Vec<Self> {
        let attempted = self.settlements.iter().map(|one| {
            let retries = self.retries.iter().filter(|retry| retry.promised.delivery == one.delivery);
            Self { settlements: vec![one.clone()], retries: retries.copied().collect(), ..Self::empty() }
        });
        let deferred = self.deferred.iter().map(|one| Self { deferred: vec![*one], ..Self::empty() });
        let expired = self.expired.iter().map(|one| Self { expired: vec![*one], ..Self::empty() });
        attempted.chain(deferred).chain(expired).collect()
    }

    fn promises(&self, freed: &[Promised]) -> Result<Vec<NewJob>> {
        let freed = freed.iter().map(|promised| Later { promised: *promised, why: Why::Time });
        let later: Vec<Later> = self.retries.iter().chain(&self.deferred).copied().chain(freed).collect();
        promises(&later)
    }

    /// What is put off for long enough to be told in the log.
    fn postponed(&self, now: DateTime<Utc>) -> Vec<Promised> {
        let promised = self.deferred.iter().map(|later| later.promised);
        promised.filter(|promised| promised.at >= now + TOLD).collect()
    }

    /// Promises that need not wait any longer: all those of a receiver that answers again; and, of one that was given
    /// up on, the next, so that somebody still asks.
    fn called_back(&self) -> Vec<Hastened> {
        let mut called: HashMap<(TenantId, Id<id::Webhook>), i64> = HashMap::new();
        let exhausted = self.settlements.iter().filter(|one| one.next == Next::Exhausted && !one.test);
        let exhausted = exhausted.map(|one| (one.tenant, one.webhook));
        for receiver in exhausted.chain(self.expired.iter().map(|(tenant, webhook, _)| (*tenant, *webhook))) {
            called.insert(receiver, 1);
        }
        for one in self.settlements.iter().filter(|one| one.was_failing && one.next == Next::Succeeded) {
            called.insert((one.tenant, one.webhook), i64::MAX);
        }
        called.into_iter().map(|((tenant, webhook), most)| waiting_for_answer(tenant, webhook, most)).collect()
    }
}

fn keep(lease: Lease) -> queue::Settlement {
    queue::Settlement { lease, verdict: Verdict::Keep }
}
