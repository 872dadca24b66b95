//! Drives an import on, as far as it comes in a while.
//!
//! Idempotent: each chunk asks the import's row where it is, and moves it on in its own transaction.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_actors::tenant::{ImportProgress, ImportTurn};
use stoa_core::{
    Code, Error, Id, Result, Scope, TenantId, id,
    imports::{self, Import, ImportStatus, Obstacle, Turn},
};

use super::{apply, read};
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    mail::ImportFinishedLetter,
    queue::{self, HOUSE, NewJob},
};

/// How long one run goes on before others have their turn.
const RUN: Duration = Duration::from_secs(20);
/// When to ask again while another import of the institution is at it.
const WAIT: TimeDelta = TimeDelta::seconds(2);

/// Drives an import on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunImport {
    /// Whose it is.
    pub tenant: TenantId,
    /// The import.
    pub import: Id<id::Import>,
}

impl Job for RunImport {
    const NAME: &'static str = "imports/run";
    const QUEUE: Queue = Queue::Imports;
    const POLICY: Policy =
        Policy { attempts: 20, timeout: Duration::from_mins(5), backoff: Backoff::doubling(1_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let outcome = match go_on(&self, ctx).await {
            Ok(outcome) => outcome,
            Err(error) if ctx.last || error.code().status() < 500 => give_up(&self, ctx, &error).await,
            Err(error) => Outcome::Again(error.to_string()),
        };
        if !matches!(outcome, Outcome::Snooze(_)) {
            ctx.tools.tenants.import_ended(self.tenant, self.import).await;
        }
        outcome
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.import.to_string())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, import: Id::from_uuid(HOUSE.uuid()) }
    }
}

/// A run: the promise, what it may use, and until when it goes on.
pub(super) struct Run<'a> {
    /// The promise.
    pub(super) job: &'a RunImport,
    /// What it may use.
    pub(super) ctx: &'a JobCtx,
    /// When the others have their turn.
    until: Instant,
}

impl Run<'_> {
    /// The house, at work for the institution.
    pub(super) fn scope(&self) -> Scope {
        self.ctx.scope.clone()
    }

    /// Has it gone on long enough.
    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Tells the institution's actor how far it is.
    pub(super) async fn tell(&self, done: i32, of: Option<i32>) {
        let count = |rows: i32| u64::try_from(rows).unwrap_or_default();
        let progress = ImportProgress { rows_done: count(done), rows_total: of.map(count) };
        self.ctx.tools.tenants.import_progress(self.job.tenant, self.job.import, progress).await;
    }

    /// Promises the letter to whoever sent the file, in the transaction that ends the import.
    pub(super) async fn promise_letter(&self, tx: &mut stoa_core::db::TenantTx, ended: &Import) -> Result<()> {
        promise_letter(self.job.tenant, tx, ended).await
    }
}

async fn promise_letter(tenant: TenantId, tx: &mut stoa_core::db::TenantTx, ended: &Import) -> Result<()> {
    if ended.sent_by_person().is_some() {
        let letter = ImportFinishedLetter { tenant, import: ended.id };
        queue::enqueue(tx, NewJob::of(tenant, &letter)?).await?;
    }
    Ok(())
}

async fn go_on(job: &RunImport, ctx: &JobCtx) -> Result<Outcome> {
    // What this node knows; the rows have the last word.
    if let ImportTurn::Anothers(other) = ctx.tools.tenants.admit_import(job.tenant, job.import).await {
        tracing::debug!(import.id = %job.import, "{other} was at it when this node heard of it last");
    }
    let run = Run { job, ctx, until: Instant::now() + RUN };
    let mut tx = ctx.tools.db.tenant(&run.scope()).await?;
    let turn = imports::take_turn(&mut tx, job.import).await?;
    tx.commit().await?;
    let import = match turn {
        Turn::Over => return Ok(Outcome::Done),
        Turn::Wait => return Ok(Outcome::Snooze(WAIT)),
        Turn::Yours(import) => import,
    };
    match import.status {
        ImportStatus::Validating => read::read(&run, &import).await?,
        _ => apply::apply(&run).await?,
    }
    ctx.tools.wakes.wake(Queue::Mail);
    // Whether there is more, the next run sees by the row; what has ended ends with it.
    Ok(Outcome::Snooze(TimeDelta::zero()))
}

async fn give_up(job: &RunImport, ctx: &JobCtx, error: &Error) -> Outcome {
    if error.code() == Code::NotFound {
        return Outcome::Stop(error.to_string());
    }
    let failed = async {
        let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
        let why = Obstacle::new(error.code().as_str(), error.outside());
        let ended = imports::fail(&mut tx, job.import, &why).await?;
        promise_letter(job.tenant, &mut tx, &ended).await?;
        tx.commit().await
    };
    match failed.await {
        Ok(()) => Outcome::Stop(error.to_string()),
        Err(other) => Outcome::Again(other.to_string()),
    }
}
