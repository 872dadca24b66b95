//! Forgets entries of the audit log, and of what the staff did to their own accounts, that are past their retention.
//!
//! Idempotent: what is gone is gone. A transaction for each handful, so that none is long.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Result, audit};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Has the database forget them.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetAudit {}

impl Job for ForgetAudit {
    const NAME: &'static str = "housekeeping/forget_audit";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(10), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match forget(ctx).await {
            Ok(forgotten) => {
                tracing::info!(forgotten, "forgot old entries of the audit log");
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn forget(ctx: &JobCtx) -> Result<i64> {
    let mut forgotten = 0;
    loop {
        let mut tx = ctx.tools.db.house().await?;
        let before = tx.now() - TimeDelta::days(ctx.tools.retention.audit_days.into());
        let some = audit::forget(&mut tx, before).await?;
        tx.commit().await?;
        forgotten += some;
        if some == 0 {
            return Ok(forgotten);
        }
    }
}
