//! The house's own upkeep: what keeps the queue and the throttle in order.
//!
//! Not here: the calendar that runs it (`schedule`).

mod forget_discarded;
mod forget_failures;
mod release_stale;
mod watch_queues;

pub use forget_discarded::ForgetDiscarded;
pub use forget_failures::ForgetFailures;
pub use release_stale::release_stale;
pub use watch_queues::watch_queues;
