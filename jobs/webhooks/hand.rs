//! What several deliveries have in common: the promise behind them, kept when the last of them is settled.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use crate::queue::Lease;

/// The promise behind a batch in hand.
#[derive(Debug)]
pub(crate) struct Hand {
    remaining: AtomicUsize,
    lease: Mutex<Option<Lease>>,
    done: Notify,
}

impl Hand {
    /// For deliveries whose promise is settled with the last of them.
    pub(crate) fn with_lease(deliveries: usize, lease: Lease) -> Arc<Self> {
        Arc::new(Self { remaining: AtomicUsize::new(deliveries), lease: Mutex::new(Some(lease)), done: Notify::new() })
    }

    /// For deliveries that a running job waits for.
    pub(crate) fn awaited(deliveries: usize) -> Arc<Self> {
        Arc::new(Self { remaining: AtomicUsize::new(deliveries), lease: Mutex::new(None), done: Notify::new() })
    }

    /// Counts deliveries as settled; with the last one comes the lease, to be given up in the same transaction.
    pub(crate) fn settled(&self, deliveries: usize) -> Option<Lease> {
        let before = self.remaining.fetch_sub(deliveries, Ordering::AcqRel);
        if before == deliveries { self.lease.lock().unwrap_or_else(PoisonError::into_inner).take() } else { None }
    }

    /// Tells whoever waits, after the commit.
    pub(crate) fn tell(&self) {
        if self.remaining.load(Ordering::Acquire) == 0 {
            self.done.notify_one();
        }
    }

    /// Waits until all are settled.
    pub(crate) async fn wait(&self) {
        self.done.notified().await;
    }
}
