//! Takes off courses those whom no group and no learning path keeps there any more, a handful at a time.
//!
//! Idempotent: what keeps a learner is asked anew for each; the promise names where it goes on.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, Scope, TenantId, enrolments, id};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Promises the next handful.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SweepEnrolments {
    /// Whose learners they are.
    pub tenant: TenantId,
    /// The courses that something no longer gives.
    pub courses: Vec<Id<id::Course>>,
    /// Goes on after this learner.
    pub after: Option<Id<id::User>>,
}

impl Job for SweepEnrolments {
    const NAME: &'static str = "enrolments/sweep";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 50, timeout: Duration::from_mins(1), backoff: Backoff::doubling(1_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match sweep(self, ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, courses: vec![Id::from_uuid(HOUSE.uuid())], after: None }
    }
}

async fn sweep(job: SweepEnrolments, ctx: &JobCtx) -> Result<()> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let next = enrolments::sweep(&mut tx, &job.courses, job.after).await?;
    if next.is_some() {
        let rest = SweepEnrolments { after: next, ..job };
        queue::enqueue(&mut tx, NewJob::of(rest.tenant, &rest)?).await?;
    }
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Housekeeping);
    Ok(())
}
