//! The rest of what a request begins and cannot finish: promised in its transaction, done a handful at a time.
//!
//! Not here: the handfuls (`stoa_core::enrolments`) and the jobs (`stoa_jobs::enrolments`).

use stoa_core::{
    Id, Result, Scope,
    db::TenantTx,
    enrolments::{self, Target},
    id,
};
use stoa_jobs::{
    Queue,
    enrolments::{SpreadEnrolment, SweepEnrolments},
    queue::{NewJob, enqueue},
};

use super::state::App;

/// Promises to go on putting a group, or those on a path, on something after this learner. Nothing if nobody is left.
pub(super) async fn spread(
    tx: &mut TenantTx,
    scope: &Scope,
    (group, target): (Option<Id<id::Group>>, Target),
    after: Option<Id<id::User>>,
) -> Result<()> {
    if after.is_none() {
        return Ok(());
    }
    promise_spread(tx, scope, SpreadEnrolment { tenant: scope.tenant, group, target, after }).await
}

/// Promises to put all that are on a path on the courses that are new to it.
pub(super) async fn spread_path(tx: &mut TenantTx, scope: &Scope, path: Id<id::LearningPath>) -> Result<()> {
    let job = SpreadEnrolment { tenant: scope.tenant, group: None, target: Target::Path(path), after: None };
    promise_spread(tx, scope, job).await
}

async fn promise_spread(tx: &mut TenantTx, scope: &Scope, job: SpreadEnrolment) -> Result<()> {
    enqueue(tx, NewJob::of(scope.tenant, &job)?.caused_by(scope.request_id.as_deref())).await?;
    Ok(())
}

/// Takes the first handful of those whom nothing keeps any more off these courses, and promises the rest.
pub(super) async fn sweep(tx: &mut TenantTx, scope: &Scope, courses: Vec<Id<id::Course>>) -> Result<()> {
    let after = enrolments::sweep(tx, &courses, None).await?;
    if after.is_some() {
        let job = SweepEnrolments { tenant: scope.tenant, courses, after };
        enqueue(tx, NewJob::of(scope.tenant, &job)?.caused_by(scope.request_id.as_deref())).await?;
    }
    Ok(())
}

/// Wakes those who keep the promises, once they are committed.
pub(super) fn wake(app: &App) {
    app.road.wakes.wake(Queue::Housekeeping);
}
