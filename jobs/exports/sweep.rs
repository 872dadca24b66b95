//! Sees to exports that are over: files whose time has come, what attempts left, promises that were lost, old rows; and to
//! files of whatever kind that were begun by a process that died.
//!
//! Idempotent: each step asks the rows, and a file that is not there is deleted already.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_actors::storage::Key;
use stoa_core::{Result, Scope};
use stoa_record::exports::{self, Leftover};

use super::RunExport;
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, NewJob},
};

/// Without a word for so long, an export was forsaken.
const SILENT_MAX: TimeDelta = TimeDelta::minutes(15);
/// A file that nobody has written to for so long and that is not whole is nobody's any more.
const UNTOUCHED: TimeDelta = TimeDelta::days(1);
/// How long it is told that there was an export, after its file has gone.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// Sees to exports that are over.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepExports {}

impl Job for SweepExports {
    const NAME: &'static str = "exports/sweep";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(10), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match sweep(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn sweep(ctx: &JobCtx) -> Result<()> {
    expire(ctx).await?;
    delete_leftovers(ctx).await?;
    promise_forsaken(ctx).await?;
    ctx.tools.storage.sweep(ctx.tools.now() - UNTOUCHED).await?;
    let mut house = ctx.tools.db.house().await?;
    let before = house.now() - REMEMBERED;
    exports::forget_old(&mut house, before).await?;
    house.commit().await
}

/// Ends files whose time is over.
async fn expire(ctx: &JobCtx) -> Result<()> {
    loop {
        let mut house = ctx.tools.db.house().await?;
        let due = exports::due(&mut house).await?;
        house.commit().await?;
        if due.is_empty() {
            return Ok(());
        }
        for tenant in due {
            let mut tx = ctx.tools.db.tenant(&Scope::house(tenant)).await?;
            exports::expire_due(&mut tx).await?;
            tx.commit().await?;
        }
    }
}

/// Deletes files that nobody is offered. One that cannot be deleted now is found again by the next sweep.
async fn delete_leftovers(ctx: &JobCtx) -> Result<()> {
    let mut house = ctx.tools.db.house().await?;
    let left = exports::leftovers(&mut house).await?;
    house.commit().await?;
    for Leftover { tenant_id, id, file_key } in left {
        if let Some(key) = Key::parse(&file_key)
            && let Err(error) = ctx.tools.storage.delete(&key).await
        {
            tracing::warn!(%error, tenant.id = %tenant_id, export.id = %id, "the file of an export could not be deleted");
            continue;
        }
        let mut tx = ctx.tools.db.tenant(&Scope::house(tenant_id)).await?;
        exports::swept(&mut tx, id, &file_key).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Promises anew what should go on and does not.
async fn promise_forsaken(ctx: &JobCtx) -> Result<()> {
    let mut house = ctx.tools.db.house().await?;
    let since = house.now() - SILENT_MAX;
    let forsaken = exports::forsaken(&mut house, since).await?;
    let jobs =
        forsaken.iter().map(|(tenant, export)| NewJob::of(*tenant, &RunExport { tenant: *tenant, export: *export }));
    queue::enqueue_many(&mut house, jobs.collect::<Result<_>>()?).await?;
    house.commit().await?;
    ctx.tools.wakes.wake(Queue::Exports);
    Ok(())
}
