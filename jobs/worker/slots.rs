//! The slots of a worker: how many jobs run, and for whom.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use stoa_core::TenantId;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::queue::{JobKey, Lease};

/// The slots of one worker.
#[derive(Debug)]
pub(super) struct Slots {
    free: Arc<Semaphore>,
    running: Mutex<HashMap<JobKey, i32>>,
    freed: Notify,
}

/// A job's slot, free again when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    key: JobKey,
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(super) fn new(concurrency: usize) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(concurrency.max(1)));
        Arc::new(Self { free, running: Mutex::default(), freed: Notify::new() })
    }

    /// Waits for a free slot and takes all that are free with it, up to a number.
    pub(super) async fn take_free(&self, most: usize) -> Option<OwnedSemaphorePermit> {
        let mut taken = self.free.clone().acquire_owned().await.ok()?;
        let more = u32::try_from(self.free.available_permits().min(most.saturating_sub(1))).unwrap_or(u32::MAX);
        if let Ok(more) = self.free.clone().try_acquire_many_owned(more) {
            taken.merge(more);
        }
        Some(taken)
    }

    /// Puts a job into one of the slots taken; none when they are used up.
    pub(super) fn fill(self: &Arc<Self>, taken: &mut OwnedSemaphorePermit, lease: &Lease) -> Option<Slot> {
        let permit = taken.split(1)?;
        self.lock().insert(lease.key(), lease.attempt());
        Some(Slot { slots: self.clone(), key: lease.key(), _permit: permit })
    }

    /// What runs, with its attempt.
    pub(super) fn running(&self) -> Vec<(JobKey, i32)> {
        self.lock().iter().map(|(key, attempt)| (*key, *attempt)).collect()
    }

    /// How many jobs run for each institution.
    pub(super) fn by_tenant(&self) -> HashMap<TenantId, i64> {
        let mut counts = HashMap::new();
        for key in self.lock().keys() {
            *counts.entry(key.tenant).or_insert(0) += 1;
        }
        counts
    }

    /// Waits until a slot is freed.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<JobKey, i32>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().remove(&self.key);
        self.slots.freed.notify_one();
    }
}
