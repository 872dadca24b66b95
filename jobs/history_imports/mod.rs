//! Reads files of history on, a handful of rows at a time.
//!
//! Idempotent: a handful is counted once whoever counts it, and the import's row says where to begin. A run goes on for a
//! while and promises the next, so that others have their turn.

mod reading;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, TenantId, id, imports::files};
use stoa_record::{history::Zone, history_imports};

use reading::Reading;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::HOUSE,
};

/// How long one run goes on before others have their turn.
const RUN: Duration = Duration::from_secs(20);
/// How soon the next run follows.
const NEXT: TimeDelta = TimeDelta::milliseconds(50);

/// Reads a file of history on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunHistoryImport {
    /// Whose it is.
    pub tenant: TenantId,
    /// The import.
    pub import: Id<id::Import>,
}

impl Job for RunHistoryImport {
    const NAME: &'static str = "imports/history";
    const QUEUE: Queue = Queue::Imports;
    const POLICY: Policy =
        Policy { attempts: 20, timeout: Duration::from_mins(5), backoff: Backoff::doubling(1_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match go_on(&self, ctx).await {
            Ok(Way::Over) => Outcome::Done,
            Ok(Way::On) => Outcome::Snooze(NEXT),
            Err(error) if ctx.last || error.code().status() < 500 => {
                match give_up(&self, ctx, &error.to_string()).await {
                    Ok(()) => Outcome::Stop(error.to_string()),
                    Err(error) => error.into(),
                }
            }
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.import.to_string())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, import: Id::from_uuid(HOUSE.uuid()) }
    }
}

enum Way {
    On,
    Over,
}

async fn go_on(job: &RunHistoryImport, ctx: &JobCtx) -> Result<Way> {
    let until = Instant::now() + RUN;
    let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
    let Some(import) = history_imports::get_running(&mut tx, job.import).await? else { return Ok(Way::Over) };
    let file = files::get(&mut tx, job.import).await?;
    tx.commit().await?;
    let zone = Zone::of(Some(&import.time_zone), &[])?;
    let mut reading = Reading::new(ctx, import, (file.charset, zone));
    for part in 0.. {
        let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
        let bytes = files::part(&mut tx, job.import, part).await?;
        tx.commit().await?;
        let is_last = bytes.is_none();
        match bytes {
            Some(bytes) => reading.cells.feed(&bytes),
            None => reading.cells.end(),
        }
        loop {
            match reading.take() {
                Err(fault) => {
                    give_up(job, ctx, &fault).await?;
                    return Ok(Way::Over);
                }
                Ok(false) => break,
                Ok(true) if !reading.count().await? => return Ok(Way::Over),
                Ok(true) if Instant::now() >= until => return Ok(Way::On),
                Ok(true) => {}
            }
        }
        if is_last {
            break;
        }
    }
    if reading.count().await? {
        let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
        history_imports::end(&mut tx, job.import, None).await?;
        tx.commit().await?;
    }
    Ok(Way::Over)
}

async fn give_up(job: &RunHistoryImport, ctx: &JobCtx, why: &str) -> Result<()> {
    let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
    history_imports::end(&mut tx, job.import, Some(why)).await?;
    tx.commit().await
}
