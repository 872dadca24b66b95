//! From the commit straight into the memory of this node's relay.
//!
//! An event is safe in the outbox before it is handed over, so a full or absent relay loses nothing: what is
//! not handed over is found in the outbox, by any node.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;

use super::record::RecordedEvent;

/// How long other nodes leave a handed-over event to the node that recorded it.
const GRACE: TimeDelta = TimeDelta::seconds(3);

/// The giving end, held by the pools.
#[derive(Debug, Clone, Default)]
pub struct Handoff(Option<mpsc::Sender<Vec<RecordedEvent>>>);

/// The relay's end.
pub type HandoffReceiver = mpsc::Receiver<Vec<RecordedEvent>>;

impl Handoff {
    /// For a process without a relay: every event waits in the outbox for another.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Makes both ends; at most `bound` commits wait between them.
    pub fn bounded(bound: usize) -> (Self, HandoffReceiver) {
        let (give, take) = mpsc::channel(bound);
        (Self(Some(give)), take)
    }

    /// From when any node may take the events of a commit.
    pub(crate) fn relay_after(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match &self.0 {
            Some(give) if give.capacity() > 0 => now + GRACE,
            _ => now,
        }
    }

    /// Is there no relay in this process, so that another one should be told.
    pub(crate) const fn is_elsewhere(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn give(&self, events: Vec<RecordedEvent>) {
        if let Some(give) = &self.0
            && !events.is_empty()
        {
            // Full or closed: the outbox has them.
            let _ = give.try_send(events);
        }
    }
}
