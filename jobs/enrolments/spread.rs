//! Puts the rest of a group, or of those on a learning path, where the first handful was put, a handful at a time.
//!
//! Idempotent: whoever is on the course already stays as he is; the promise names where it goes on.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{
    Id, Result, Scope, TenantId,
    enrolments::{self, Target, Wave},
    id,
};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Promises the next handful.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SpreadEnrolment {
    /// Whose learners they are.
    pub tenant: TenantId,
    /// The group; none for all that are on a learning path.
    pub group: Option<Id<id::Group>>,
    /// What they are put on.
    pub target: Target,
    /// Goes on after this learner.
    pub after: Option<Id<id::User>>,
}

impl SpreadEnrolment {
    fn wave(&self) -> Option<Wave> {
        match (self.group, self.target) {
            (Some(group), target) => Some(Wave::Group(group, target)),
            (None, Target::Path(path)) => Some(Wave::Path(path)),
            (None, Target::Course(_)) => None,
        }
    }
}

impl Job for SpreadEnrolment {
    const NAME: &'static str = "enrolments/spread";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 50, timeout: Duration::from_mins(1), backoff: Backoff::doubling(1_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match spread(self, ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn sample() -> Self {
        let target = Target::Course(Id::from_uuid(HOUSE.uuid()));
        Self { tenant: HOUSE, group: Some(Id::from_uuid(HOUSE.uuid())), target, after: None }
    }
}

/// The handful and the promise of the next one are kept in one transaction.
async fn spread(job: SpreadEnrolment, ctx: &JobCtx) -> Result<()> {
    let Some(wave) = job.wave() else { return Ok(()) };
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let next = enrolments::spread(&mut tx, wave, job.after).await?;
    if next.is_some() {
        let rest = SpreadEnrolment { after: next, ..job };
        queue::enqueue(&mut tx, NewJob::of(rest.tenant, &rest)?).await?;
    }
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Housekeeping);
    Ok(())
}
