//! Asks the database for due work whenever slots are free.
//!
//! The feed sets its own pace: at once while there is work, then at the bell, at the next look at the clock, or
//! when a slot of an institution that had used up its share is free again. It never fails: while the database is
//! away it looks again, ever more slowly, and nobody's worker dies of it. It ends only when told to stop.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use stoa_core::Result;
use tokio::sync::{Notify, OwnedSemaphorePermit, watch};

use super::{
    WorkerOptions,
    slots::{Slot, Slots},
};
use crate::{
    context::JobTools,
    queue::{self, Claim, Claimed},
};

/// Longest pause between two looks while the database is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Most jobs of one claim.
const BATCH: usize = 200;

/// A job in hand and the slot that it takes.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) job: Claimed,
    pub(super) slot: Slot,
}

/// Where a worker's jobs come from.
pub(super) struct Feed {
    tools: JobTools,
    options: WorkerOptions,
    slots: Arc<Slots>,
    bell: Arc<Notify>,
    stop: watch::Receiver<bool>,
    claimed: VecDeque<Work>,
    failures: u32,
}

/// What a look at the queue found.
enum Look {
    Found,
    Nothing { shares_used_up: bool },
    Failed,
}

impl Feed {
    pub(super) fn new(tools: JobTools, options: WorkerOptions, slots: Arc<Slots>, stop: watch::Receiver<bool>) -> Self {
        let bell = tools.wakes.bell(options.queue);
        Self { tools, options, slots, bell, stop, claimed: VecDeque::new(), failures: 0 }
    }

    /// The jobs, one after another; what was claimed is given out before the end.
    pub(super) fn stream(self) -> BoxStream<'static, Work> {
        stream::unfold(self, async |mut feed| feed.next().await.map(|work| (work, feed))).boxed()
    }

    async fn next(&mut self) -> Option<Work> {
        loop {
            if let Some(work) = self.claimed.pop_front() {
                return Some(work);
            }
            let free = tokio::select! {
                biased;
                _ = self.stop.wait_for(|stop| *stop) => return None,
                free = self.slots.take_free(BATCH) => free?,
            };
            // A claim once begun is finished: dropped in its middle, its jobs would wait for their leases to run out.
            match self.look(free).await {
                Look::Found => {}
                Look::Nothing { shares_used_up } => self.rest(shares_used_up).await,
                Look::Failed => self.back_off().await,
            }
        }
    }

    async fn look(&mut self, mut free: OwnedSemaphorePermit) -> Look {
        let running = self.slots.by_tenant();
        let per_tenant = i64::try_from(self.options.per_tenant).unwrap_or(i64::MAX);
        let shares_used_up = running.values().any(|jobs| *jobs >= per_tenant);
        let claim = Claim { queue: self.options.queue, most: free.num_permits(), per_tenant, running };
        match self.claim(&claim).await {
            Ok(jobs) if jobs.is_empty() => {
                self.failures = 0;
                Look::Nothing { shares_used_up }
            }
            Ok(jobs) => {
                self.failures = 0;
                for job in jobs {
                    if let Some(slot) = self.slots.fill(&mut free, &job.lease) {
                        self.claimed.push_back(Work { job, slot });
                    }
                }
                Look::Found
            }
            Err(error) => {
                tracing::warn!(%error, "the worker of {} could not look for work; it looks again", claim.queue);
                self.failures = self.failures.saturating_add(1);
                Look::Failed
            }
        }
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        let mut tx = self.tools.db.house().await?;
        let jobs = queue::claim(&mut tx, &self.tools.leases, claim).await?;
        tx.commit().await?;
        Ok(jobs)
    }

    /// Until there may be work again.
    async fn rest(&mut self, shares_used_up: bool) {
        tokio::select! {
            () = tokio::time::sleep(self.options.poll) => {}
            () = self.bell.notified() => {}
            () = self.slots.freed(), if shares_used_up => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn back_off(&mut self) {
        let pause = self.options.poll.saturating_mul(1 << self.failures.min(6)).min(LONGEST_PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
    }
}
