//! Forgets jobs that were given up, sign-ins that failed long ago, ways back to lost passwords, sessions of the staff,
//! tokens of applications that ended a day ago, letters, secrets of webhooks that were replaced and keys of requests that
//! nobody repeats any more, so that their tables do not grow for ever.
//!
//! Idempotent: what is gone is gone.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use stoa_core::{Result, auth, idempotency, letters, staff, tokens};
use stoa_webhooks as webhooks;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::operate,
};

/// How long a token of an application is kept after its end, in days.
const TOKENS_KEPT_DAYS: i64 = 1;

/// Deletes discarded jobs and failed sign-ins that are past their retention, and idempotency keys after a day.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetOld {}

impl Job for ForgetOld {
    const NAME: &'static str = "housekeeping/forget_old";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(1), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match forget(ctx).await {
            Ok((jobs, failures, keys)) => {
                tracing::info!(jobs, failures, keys, "forgot discarded jobs, failed sign-ins and idempotency keys");
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn forget(ctx: &JobCtx) -> Result<(usize, usize, usize)> {
    let mut tx = ctx.tools.db.house().await?;
    let (now, kept) = (tx.now(), &ctx.tools.retention);
    let jobs = operate::forget_discarded(&mut tx, now - TimeDelta::days(kept.discarded_jobs_days.into())).await?;
    webhooks::forget_expired_secrets(&mut tx).await?;
    tokens::forget_ended(&mut tx, now - TimeDelta::days(TOKENS_KEPT_DAYS)).await?;
    let long_ago = now - TimeDelta::days(kept.failed_sign_ins_days.into());
    let failures = auth::forget_failures(&mut tx, long_ago).await?;
    auth::password_reset::forget_resets(&mut tx, long_ago).await?;
    staff::forget_sessions(&mut tx, long_ago).await?;
    tx.commit().await?;
    forget_letters(ctx, now - TimeDelta::days(kept.letters_days.into())).await?;
    Ok((jobs, failures, forget_keys(ctx).await?))
}

async fn forget_letters(ctx: &JobCtx, before: DateTime<Utc>) -> Result<()> {
    loop {
        let mut tx = ctx.tools.db.house().await?;
        let some = letters::forget(&mut tx, before).await?;
        tx.commit().await?;
        if some == 0 {
            return Ok(());
        }
    }
}

/// A busy day leaves many: a transaction for each handful, so that none is long.
async fn forget_keys(ctx: &JobCtx) -> Result<usize> {
    let mut forgotten = 0;
    loop {
        let mut tx = ctx.tools.db.house().await?;
        let some = idempotency::forget(&mut tx).await?;
        tx.commit().await?;
        forgotten += some;
        if some == 0 {
            return Ok(forgotten);
        }
    }
}
