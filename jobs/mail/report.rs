//! Sends a report to one recipient, of a period whose time has come.
//!
//! Idempotent: a run is settled once, and its letter has one occasion. What the recipient is then allowed to read is looked
//! at when the letter is written, not when it was promised.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, Scope, TenantId, id};
use stoa_record::reports::{
    SkipReason,
    runs::{self, Standing},
};

use super::{
    ReportUndeliveredLetter,
    post::{POLICY, post_with},
    report_extras::{addressee, enclose},
};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
    reports::{Form, digest},
};

/// While figures are counted that were there before, letters wait: from one look to the next, and so long at most. Where
/// nothing was ever done, nothing is ever counted.
const COUNTING: TimeDelta = TimeDelta::minutes(5);
const COUNTING_MAX: TimeDelta = TimeDelta::hours(1);

/// Writes the letter of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportLetter {
    /// Whose report it is.
    pub tenant: TenantId,
    /// The run.
    pub run: Id<id::ReportRun>,
}

impl Job for ReportLetter {
    const NAME: &'static str = "mail/report";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match write(&self, ctx).await {
            Ok(outcome) => outcome,
            Err(error) => error.into(),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.run.to_string())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, run: Id::from_uuid(HOUSE.uuid()) }
    }
}

async fn write(job: &ReportLetter, ctx: &JobCtx) -> Result<Outcome> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    if stoa_core::institutions::admit(&mut tx).await.is_err() {
        // A suspended institution gets it later.
        return Ok(Outcome::Snooze(TimeDelta::hours(1)));
    }
    let bulletin = match runs::look(&mut tx, &ctx.tools.accounts.sealer, job.run).await? {
        Standing::Settled => return Ok(Outcome::Done),
        Standing::Hindered(reason) => {
            let tells = runs::skip(&mut tx, job.run, reason).await?;
            return tell(job, ctx, tx, (reason, tells)).await;
        }
        Standing::Open(bulletin) => bulletin,
    };
    drop(tx);
    let (name, base_url) = (job.run.to_string(), ctx.tools.post_room.base_url().to_owned());
    let form = Form::Letter { name: &name, base_url: &base_url, is_test: false };
    let mut digest = digest(&ctx.tools.db, job.tenant, &bulletin, form).await?;
    if !digest.told.complete && ctx.tools.now() < bulletin.promised_at + COUNTING_MAX {
        return Ok(Outcome::Snooze(COUNTING));
    }
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    if digest.is_empty && !bulletin.report.send_when_empty {
        runs::leave_out(&mut tx, job.run).await?;
        tx.commit().await?;
        return Ok(Outcome::Done);
    }
    let extras = enclose(job, ctx, &mut tx, (&bulletin, &mut digest)).await?;
    tx.commit().await?;
    let outcome = post_with(
        ctx,
        &addressee(job.tenant, &bulletin, &digest),
        &job.run.uuid().to_string(),
        (&digest.words, extras),
    )
    .await;
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    runs::finish(&mut tx, job.run).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn tell(
    job: &ReportLetter,
    ctx: &JobCtx,
    mut tx: stoa_core::db::TenantTx,
    (reason, tells): (SkipReason, bool),
) -> Result<Outcome> {
    if tells {
        let letter = ReportUndeliveredLetter { tenant: job.tenant, run: job.run, reader: None };
        queue::enqueue(&mut tx, NewJob::of(job.tenant, &letter)?).await?;
    }
    tx.commit().await?;
    tracing::info!(tenant.id = %job.tenant, run.id = %job.run, reason = reason.as_str(), "a report was not sent");
    ctx.tools.wakes.wake(Queue::Mail);
    Ok(Outcome::Done)
}
