//! Erases a person whose time has come.
//!
//! The house's own work, so that it goes on while the institution is suspended: whoever is promised to be erased is.
//! Idempotent: what is left to do is what is found in the rows.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, TenantId, id};
use stoa_record::privacy::erase::{self, Progress};
use uuid::Uuid;

use crate::{
    context::JobCtx,
    exports::SweepExports,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// From one look for files that are still there to the next.
const FILES_GO: TimeDelta = TimeDelta::seconds(30);

/// Erases a person.
#[derive(Debug, Serialize, Deserialize)]
pub struct ErasePerson {
    /// The institution.
    pub institution: TenantId,
    /// Which erasure.
    pub erasure: Id<id::Erasure>,
}

impl ErasePerson {
    /// Promises it.
    ///
    /// # Errors
    /// `internal` when the promise cannot be written.
    pub fn of(institution: TenantId, erasure: Id<id::Erasure>) -> Result<NewJob> {
        NewJob::of(HOUSE, &Self { institution, erasure })
    }
}

impl Job for ErasePerson {
    const NAME: &'static str = "privacy/erase";
    const QUEUE: Queue = Queue::Housekeeping;
    // Nobody may be left half erased: it is tried until it is done.
    const POLICY: Policy =
        Policy { attempts: 1_000, timeout: Duration::from_hours(6), backoff: Backoff::doubling(10_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match step(&self, ctx).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.erasure.to_string())
    }

    fn sample() -> Self {
        Self { institution: HOUSE, erasure: Id::from_uuid(Uuid::nil()) }
    }
}

async fn step(job: &ErasePerson, ctx: &JobCtx) -> Result<Outcome> {
    Ok(match erase::erase(&ctx.tools.db, job.institution, job.erasure).await? {
        Progress::Waits(wait) => Outcome::Snooze(wait),
        Progress::FilesLeft => {
            sweep_files(ctx).await?;
            Outcome::Snooze(FILES_GO)
        }
        Progress::CalledOff => Outcome::Done,
        Progress::Over => {
            tracing::info!(tenant.id = %job.institution, erasure.id = %job.erasure, "a person was erased");
            Outcome::Done
        }
    })
}

/// Promises what deletes expired files, before its time.
async fn sweep_files(ctx: &JobCtx) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    queue::enqueue(&mut tx, NewJob::of(HOUSE, &SweepExports {})?.keyed("erasure".to_owned())).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Housekeeping);
    Ok(())
}

/// Looks for people whose time has come: those whose hold was lifted, and those whose promise was lost.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseDuePeople {}

impl Job for EraseDuePeople {
    const NAME: &'static str = "privacy/erase_due";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(10), backoff: Backoff::doubling(10_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match look(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn look(ctx: &JobCtx) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    for due in erase::due(&mut tx).await? {
        queue::enqueue(&mut tx, ErasePerson::of(due.tenant_id, due.id)?).await?;
    }
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Housekeeping);
    Ok(())
}
