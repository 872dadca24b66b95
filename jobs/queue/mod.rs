//! The queue: a table of promises, and the only code that writes it.
//!
//! - [`enqueue()`], [`enqueue_many`] promise work, in the transaction of whoever owes it.
//! - [`enqueue_running`] promises work that this process begins at once, without the way through a worker.
//! - [`narrow`] leaves a job in hand with less to do, the rest being promised anew.
//! - [`hasten()`] makes what waits due before its time.
//! - [`claim()`] takes due work for a worker, fairly between institutions.
//! - [`settle()`] writes down what came of it, in batches.
//! - [`extend_leases`] keeps alive what is in hand; [`release_stale`] returns what nobody keeps alive.
//! - [`operate`] is the operator's view: list, count, retry, discard, pause, resume.
//!
//! Not here: the jobs themselves, and who runs them (`worker`).
//!
//! # Rule
//! A lease reduces duplicates; it never decides correctness. Whoever lost the lease of a job may still be
//! running it, so every job is idempotent, and what a loser settles is ignored.

mod claim;
mod enqueue;
mod hasten;
mod lease;
pub mod operate;
mod settle;

use std::{collections::HashMap, sync::Arc};

use stoa_core::{
    Id, TenantId,
    db::{Db, HouseTx, TenantTx},
    id::Job as JobKind,
};
use tokio::sync::Notify;
use uuid::Uuid;

pub use claim::{Claim, Claimed, claim};
pub use enqueue::{NewJob, enqueue, enqueue_many, enqueue_running, narrow};
pub use hasten::{Hastened, hasten};
pub use lease::{Lease, Leases, extend_leases, keep_leases, release_stale};
pub use settle::{Settlement, Verdict, release, settle};

use crate::job::Queue;

/// Owner of the house's own jobs, which belong to no institution.
pub const HOUSE: TenantId = Id::from_uuid(Uuid::nil());

/// Names one start of a process, so that a restarted one never takes the orphans of its forerunner for its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProcessId(pub Uuid);

impl ProcessId {
    /// Makes the name; once per start.
    pub fn fresh(db: &Db) -> Self {
        Self(db.ids().next(db.clock().now()))
    }
}

/// Key of a job's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobKey {
    /// The institution that it is for.
    pub tenant: TenantId,
    /// The job.
    pub id: Id<JobKind>,
}

/// A transaction in which work may be promised.
pub trait Promising: Send {
    /// Where the statement goes.
    fn connection(&mut self) -> &mut diesel_async::AsyncPgConnection;
    /// The time of the transaction.
    fn now(&self) -> chrono::DateTime<chrono::Utc>;
    /// Makes the id of a job.
    fn job_id(&self) -> Id<JobKind>;
}

impl Promising for TenantTx {
    fn connection(&mut self) -> &mut diesel_async::AsyncPgConnection {
        self.connection()
    }
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.now()
    }
    fn job_id(&self) -> Id<JobKind> {
        self.new_id()
    }
}

impl Promising for HouseTx {
    fn connection(&mut self) -> &mut diesel_async::AsyncPgConnection {
        self.connection()
    }
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.now()
    }
    fn job_id(&self) -> Id<JobKind> {
        self.new_id()
    }
}

/// Wakes this process's workers before their next look at the clock. Cheap to clone.
///
/// A wake is never needed for correctness: workers look by themselves several times a second.
#[derive(Debug, Clone)]
pub struct Wakes(Arc<HashMap<Queue, Arc<Notify>>>);

impl Wakes {
    /// One bell per queue.
    pub fn new() -> Self {
        Self(Arc::new(Queue::ALL.iter().map(|queue| (*queue, Arc::default())).collect()))
    }

    /// Tells the queue's worker that something is due; after the commit, or it finds nothing.
    pub fn wake(&self, queue: Queue) {
        if let Some(bell) = self.0.get(&queue) {
            bell.notify_one();
        }
    }

    /// The bell of a queue.
    pub(crate) fn bell(&self, queue: Queue) -> Arc<Notify> {
        self.0.get(&queue).cloned().unwrap_or_default()
    }
}

impl Default for Wakes {
    fn default() -> Self {
        Self::new()
    }
}
