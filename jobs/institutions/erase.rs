//! Erases institutions whose time has come: shuts the doors, exports once more, and then nothing is left.
//!
//! Idempotent: how far it has come stands in the rows. What was exported is not exported again once the erasing began, so
//! the export is always whole.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Result, TenantId,
    institutions::closing::{
        erase::{self, Progress},
        export,
    },
};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// From the shutting of the doors to the export: longer than any node believes a token, and than most requests take.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(10);

/// Erases an institution.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseInstitution {
    /// Which one.
    pub institution: TenantId,
}

impl Job for EraseInstitution {
    const NAME: &'static str = "institutions/erase";
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
        Some(self.institution.to_string())
    }

    fn sample() -> Self {
        Self { institution: HOUSE }
    }
}

async fn step(job: &EraseInstitution, ctx: &JobCtx) -> Result<Outcome> {
    let (db, tenant) = (&ctx.tools.db, job.institution);
    let mut house = db.house().await?;
    let progress = erase::shut(&mut house, tenant).await?;
    house.commit().await?;
    match progress {
        Progress::CalledOff | Progress::Over => return Ok(Outcome::Done),
        Progress::Shut => return Ok(Outcome::Snooze(UNDER_WAY)),
        Progress::Ready => {
            export::write(db, tenant).await?;
        }
        Progress::Begun => {}
    }
    erase::erase(db, tenant).await?;
    // Files that were made of it, of whatever kind.
    ctx.tools.storage.delete_all(tenant).await?;
    erase::close(db, tenant).await?;
    tracing::info!(tenant.id = %tenant, "an institution was erased");
    Ok(Outcome::Done)
}

/// Looks for institutions whose time has come, and for exports whose time is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseDue {}

impl Job for EraseDue {
    const NAME: &'static str = "institutions/erase_due";
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
    for institution in erase::due(&mut tx).await? {
        queue::enqueue(&mut tx, NewJob::of(HOUSE, &EraseInstitution { institution })?).await?;
    }
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Housekeeping);
    loop {
        let mut tx = ctx.tools.db.house().await?;
        let forgotten = export::forget_expired(&mut tx).await?;
        tx.commit().await?;
        if forgotten == 0 {
            return Ok(());
        }
    }
}
