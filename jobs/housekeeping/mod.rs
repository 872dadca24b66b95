//! The house's own upkeep: what keeps the queue itself in order.
//!
//! Not here: the calendar that runs it (`schedule`).

mod forget_discarded;
mod release_stale;
mod watch_queues;

pub use forget_discarded::ForgetDiscarded;
pub use release_stale::release_stale;
pub use watch_queues::watch_queues;
