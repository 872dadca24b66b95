//! What several deliveries have in common: the promise behind them, kept when the last of them is settled.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use crate::queue::Lease;

/// The promise behind a batch in hand.
#[derive(Debug)]
pub(crate) struct Hand {
    remaining: AtomicUsize,
    lease: Mutex<Option<Lease>>,
    /// Something of it could not be written: the promise must bring it back.
    spoilt: AtomicBool,
    done: Notify,
}

impl Hand {
    /// For deliveries whose promise is settled with the last of them.
    pub(crate) fn with_lease(deliveries: usize, lease: Lease) -> Arc<Self> {
        Arc::new(Self::new(deliveries, Some(lease)))
    }

    /// For deliveries that a running job waits for.
    pub(crate) fn awaited(deliveries: usize) -> Arc<Self> {
        Arc::new(Self::new(deliveries, None))
    }

    fn new(deliveries: usize, lease: Option<Lease>) -> Self {
        Self {
            remaining: AtomicUsize::new(deliveries),
            lease: Mutex::new(lease),
            spoilt: AtomicBool::new(false),
            done: Notify::new(),
        }
    }

    /// Counts deliveries as settled; with the last one comes the lease, to be given up in the same transaction.
    pub(crate) fn settled(&self, deliveries: usize) -> Option<Lease> {
        let mut lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.remaining.fetch_sub(deliveries, Ordering::AcqRel);
        if before == deliveries && !self.is_spoilt() { lease.take() } else { None }
    }

    /// Takes over a promise from the job that waited until now. It comes back if there is nothing left to be settled.
    pub(crate) fn entrust(&self, lease: Lease) -> Option<Lease> {
        let mut held = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        if self.remaining.load(Ordering::Acquire) == 0 {
            return Some(lease);
        }
        *held = Some(lease);
        None
    }

    /// Notes that something of it could not be written.
    pub(crate) fn spoil(&self) {
        self.spoilt.store(true, Ordering::Release);
    }

    /// Everything of it could be written.
    pub(crate) fn is_written(&self) -> bool {
        !self.is_spoilt()
    }

    fn is_spoilt(&self) -> bool {
        self.spoilt.load(Ordering::Acquire)
    }

    /// Tells whoever waits, after the commit.
    pub(crate) fn tell(&self) {
        if self.remaining.load(Ordering::Acquire) == 0 {
            self.done.notify_one();
        }
    }

    /// Waits until all are settled; false when something could not be written.
    pub(crate) async fn wait(&self) -> bool {
        self.done.notified().await;
        !self.is_spoilt()
    }
}
