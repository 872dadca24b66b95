//! Makes the file of an export.
//!
//! Idempotent: an attempt writes a file of its own and names itself in the row; what an earlier one left is deleted first,
//! and only the attempt that stands in the row is offered.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_actors::storage::{Key, Shelf};
use stoa_core::{Code, Error, Id, Result, TenantId, id};
use stoa_record::exports::{self, Begun, Failure, Run, Turn};

use super::make::{Ending, make};
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::HOUSE,
};

/// Exports of an institution that are made at once, on all nodes together.
const AT_ONCE: i64 = 2;
/// When to ask again while others of the institution are being made.
const WAIT: TimeDelta = TimeDelta::seconds(2);
/// Longest that one file may take.
pub(super) const WITHIN: Duration = Duration::from_hours(6);

/// Makes the file of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunExport {
    /// Whose it is.
    pub tenant: TenantId,
    /// The export.
    pub export: Id<id::Export>,
}

impl Job for RunExport {
    const NAME: &'static str = "exports/run";
    const QUEUE: Queue = Queue::Exports;
    const POLICY: Policy = Policy { attempts: 6, timeout: WITHIN, backoff: Backoff::doubling(2_000, 300_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match attempt(&self, ctx).await {
            Ok(outcome) => outcome,
            Err(error) if ctx.last || error.code().status() < 500 => give_up(&self, ctx, &error).await,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.export.to_string())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, export: Id::from_uuid(HOUSE.uuid()) }
    }
}

async fn attempt(job: &RunExport, ctx: &JobCtx) -> Result<Outcome> {
    let begun = loop {
        let run = Run { export: job.export, id: ctx.tools.db.ids().next(ctx.tools.now()) };
        let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
        let turn = exports::begin(&mut tx, run, AT_ONCE, |ending| {
            Key::new(job.tenant, Shelf::Exports, run.id, ending).to_string()
        });
        let turn = turn.await?;
        tx.commit().await?;
        match turn {
            Turn::Yours(begun) => break begun,
            Turn::Sweep(left) => sweep(job, ctx, &left).await?,
            Turn::Wait => return Ok(Outcome::Snooze(WAIT)),
            Turn::Over | Turn::Refused => return Ok(Outcome::Done),
        }
    };
    match make(ctx, &begun).await? {
        Ending::Offered => {}
        Ending::LostTurn => take_back(job, ctx, &begun).await?,
    }
    Ok(Outcome::Done)
}

/// Deletes what an attempt left, and says so in the row.
async fn sweep(job: &RunExport, ctx: &JobCtx, left: &str) -> Result<()> {
    if let Some(key) = Key::parse(left) {
        ctx.tools.storage.delete(&key).await?;
    }
    let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
    exports::swept(&mut tx, job.export, left).await?;
    tx.commit().await
}

/// Deletes the file of an attempt that does not count any more.
async fn take_back(job: &RunExport, ctx: &JobCtx, begun: &Begun) -> Result<()> {
    tracing::info!(export.id = %job.export, "an export was stopped while it was made");
    sweep(job, ctx, &begun.file_key).await
}

/// Says in the row that the file will not be made, and why; what is left of it goes with the next sweep.
async fn give_up(job: &RunExport, ctx: &JobCtx, error: &Error) -> Outcome {
    if error.code() == Code::NotFound {
        return Outcome::Stop(error.to_string());
    }
    let failed = async {
        let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
        exports::fail(&mut tx, (job.export, None), &Failure::of(error)).await?;
        tx.commit().await
    };
    match failed.await {
        Ok(()) => Outcome::Stop(error.to_string()),
        Err(other) => Outcome::Again(other.to_string()),
    }
}
