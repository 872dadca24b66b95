//! Makes a new edition of an institution's sums, and clears away what is left of old ones.
//!
//! Idempotent: how far it has come stands in the rows, and an edition that nobody wants is not begun. A run takes some
//! seconds and then waits for its turn again, so that a large institution holds up no other work.

use std::time::Duration;

use chrono::TimeDelta;
use metrics::counter;
use serde::{Deserialize, Serialize};
use stoa_core::{Result, TenantId};
use stoa_record::rollups::{
    self,
    rebuild::{self, Cleared, Progress, Purpose},
};
use tokio::time::Instant;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Longest run.
const TURN: Duration = Duration::from_secs(20);
/// Before an edition is cleared away that was read a moment ago.
const READERS: TimeDelta = TimeDelta::seconds(61);
/// Institutions of one look, those first that nothing was done for longest.
const MOST: i64 = 1_000;

/// Rebuilds the sums of an institution, as far as somebody wants it.
#[derive(Debug, Serialize, Deserialize)]
pub struct RebuildRollups {
    /// Which one.
    pub institution: TenantId,
}

impl Job for RebuildRollups {
    const NAME: &'static str = "record/rebuild_rollups";
    const QUEUE: Queue = Queue::Housekeeping;
    // What is wanted stays so: a job that was given up is promised again by the next look.
    const POLICY: Policy =
        Policy { attempts: 10, timeout: Duration::from_mins(10), backoff: Backoff::doubling(10_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match work(self.institution, ctx).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.institution.to_string())
    }

    fn sample() -> Self {
        Self { institution: HOUSE }
    }
}

async fn work(tenant: TenantId, ctx: &JobCtx) -> Result<Outcome> {
    let (db, until) = (&ctx.tools.db, Instant::now() + TURN);
    let mut learners = 0;
    while let Progress::Going { learners: more, .. } = rebuild::step(db, tenant, Purpose::Rebuild).await? {
        learners += more;
        if Instant::now() > until {
            tracing::info!(tenant.id = %tenant, learners, "a new edition of sums is being made");
            return Ok(Outcome::Snooze(TimeDelta::zero()));
        }
    }
    if learners > 0 {
        counter!("stoa_rollups_rebuilt_total").increment(1);
        tracing::info!(tenant.id = %tenant, learners, "a new edition of sums is read from now on");
    }
    loop {
        match rebuild::clear(db, tenant).await? {
            Cleared::All => return Ok(Outcome::Done),
            Cleared::TooEarly => return Ok(Outcome::Snooze(READERS)),
            Cleared::Some if Instant::now() > until => return Ok(Outcome::Snooze(TimeDelta::zero())),
            Cleared::Some => {}
        }
    }
}

/// Looks for institutions whose sums have to be made anew: there before there were any, in another zone now, asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct WatchRollups {}

impl Job for WatchRollups {
    const NAME: &'static str = "record/watch_rollups";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(1), backoff: Backoff::doubling(10_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match watch(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn watch(ctx: &JobCtx) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    let wanting = rollups::wanting(&mut tx, MOST).await?;
    let jobs = wanting.into_iter().map(|institution| NewJob::of(institution, &RebuildRollups { institution }));
    let jobs = jobs.collect::<Result<Vec<_>>>()?;
    let some = !jobs.is_empty();
    queue::enqueue_many(&mut tx, jobs).await?;
    tx.commit().await?;
    if some {
        ctx.tools.wakes.wake(Queue::Housekeeping);
    }
    Ok(())
}
