//! Promises a letter to each recipient of a report whose time has come.
//!
//! Idempotent: a period is noted for a recipient once, in the transaction that promises its letter.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Result, Scope, TenantId};
use stoa_record::reports::runs;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    mail::ReportLetter,
    queue::{self, NewJob},
};

/// Institutions of one look, and recipients of one transaction.
const TENANTS: i64 = 1_000;
const RECIPIENTS: i64 = 500;

/// Looks through the recipients of all institutions.
#[derive(Debug, Serialize, Deserialize)]
pub struct BeginReports {}

impl Job for BeginReports {
    const NAME: &'static str = "reports/begin";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(5), backoff: Backoff::doubling(5_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match begin(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn begin(ctx: &JobCtx) -> Result<()> {
    let mut house = ctx.tools.db.house().await?;
    let due = runs::due_tenants(&mut house, TENANTS).await?;
    drop(house);
    for tenant in due {
        while begin_some(ctx, tenant).await? {}
    }
    Ok(())
}

/// Says whether there may be more.
async fn begin_some(ctx: &JobCtx, tenant: TenantId) -> Result<bool> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(tenant)).await?;
    let (promises, more) = runs::begin(&mut tx, RECIPIENTS).await?;
    let jobs = promises.iter().map(|promise| {
        let letter = ReportLetter { tenant, run: promise.run };
        Ok(NewJob::of(tenant, &letter)?.at(promise.at))
    });
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    if !promises.is_empty() {
        ctx.tools.wakes.wake(Queue::Mail);
    }
    Ok(more)
}
