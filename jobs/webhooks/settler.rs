//! Outcomes written by the hundred. While one transaction commits, the next outcomes gather.
//!
//! In one transaction: attempts, deliveries, the health of receivers, the promises of retries, and the promise
//! behind a batch when its last delivery is settled. The database being away is a pause, not a loss: outcomes
//! wait in memory, attempts wait for room, and after a crash the promises bring everything back.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use stoa_core::{
    Code, Id, Result, TenantId,
    db::Db,
    id,
    webhooks::{self, Next, Settlement},
};
use tokio::sync::mpsc;

use super::{deliver::DeliverWebhooks, hand::Hand};
use crate::{
    job::Queue,
    queue::{self, Lease, Leases, NewJob, Verdict, Wakes},
};

/// Outcomes of one transaction at most.
const BATCH: usize = 512;
/// Longest pause while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Refusals, the database answering, after which a batch is taken apart.
const REFUSALS_MAX: i32 = 3;

/// What came of a delivery in hand.
pub(super) enum Outcome {
    /// It was attempted.
    Attempted(Box<Settlement>, Arc<Hand>),
    /// It was not, and comes back by the queue.
    Deferred { tenant: TenantId, delivery: Id<id::Delivery>, until: DateTime<Utc>, hand: Arc<Hand> },
    /// It was not, and its retry window has closed.
    Expired { tenant: TenantId, delivery: Id<id::Delivery>, hand: Arc<Hand> },
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
    again: Vec<(TenantId, Id<id::Delivery>, DateTime<Utc>)>,
    expired: Vec<(TenantId, Id<id::Delivery>)>,
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
        let disabled = webhooks::settle(&mut tx, &ledger.settlements).await?;
        webhooks::exhaust(&mut tx, &ledger.expired).await?;
        let retries = ledger.promises()?;
        let wakes = !retries.is_empty();
        queue::enqueue_many(&mut tx, retries).await?;
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
    fn of(batch: Vec<Outcome>) -> Self {
        let settlements = Vec::with_capacity(batch.len());
        let mut ledger = Self { settlements, again: vec![], expired: vec![], kept: vec![], hands: vec![] };
        let mut counts: HashMap<*const Hand, (Arc<Hand>, usize)> = HashMap::new();
        for outcome in batch {
            let hand = match outcome {
                Outcome::Attempted(settlement, hand) => {
                    if let Next::Retry(at) = settlement.next {
                        ledger.again.push((settlement.tenant, settlement.delivery, at));
                    }
                    ledger.settlements.push(*settlement);
                    hand
                }
                Outcome::Deferred { tenant, delivery, until, hand } => {
                    ledger.again.push((tenant, delivery, until));
                    hand
                }
                Outcome::Expired { tenant, delivery, hand } => {
                    ledger.expired.push((tenant, delivery));
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
        self.settlements.len() + self.again.len() + self.expired.len() <= 2 && self.kept.is_empty()
    }

    /// Each outcome by itself, with the retry that follows it; promises behind batches stay with the whole.
    fn singles(&self) -> Vec<Self> {
        let none = || Self { settlements: vec![], again: vec![], expired: vec![], kept: vec![], hands: vec![] };
        let attempted = self.settlements.iter().map(|one| {
            let again = self.again.iter().filter(|(_, delivery, _)| *delivery == one.delivery).copied().collect();
            Self { settlements: vec![one.clone()], again, ..none() }
        });
        let is_attempted = |delivery| self.settlements.iter().any(|one| one.delivery == delivery);
        let deferred = self.again.iter().filter(|(_, delivery, _)| !is_attempted(*delivery));
        let deferred = deferred.map(|one| Self { again: vec![*one], ..none() });
        let expired = self.expired.iter().map(|one| Self { expired: vec![*one], ..none() });
        attempted.chain(deferred).chain(expired).collect()
    }

    /// A retry is promised for each delivery; those of one institution at one moment share a promise. The name of
    /// a promise is that of its first delivery and attempt, so that a batch written twice promises once.
    fn promises(&self) -> Result<Vec<NewJob>> {
        let mut due: HashMap<(TenantId, DateTime<Utc>), Vec<Id<id::Delivery>>> = HashMap::new();
        for (tenant, delivery, at) in &self.again {
            due.entry((*tenant, *at)).or_default().push(*delivery);
        }
        due.into_iter()
            .map(|((tenant, at), ids)| {
                let name = ids.first().map(|first| format!("{first} {}", at.timestamp_micros())).unwrap_or_default();
                Ok(NewJob::of(tenant, &DeliverWebhooks::of(tenant, ids))?.at(at).keyed(name))
            })
            .collect()
    }
}

fn keep(lease: Lease) -> queue::Settlement {
    queue::Settlement { lease, verdict: Verdict::Keep }
}
