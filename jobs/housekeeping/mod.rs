//! The house's own upkeep: what keeps the queue and the throttle in order.
//!
//! Not here: the calendar that runs it (`schedule`).

mod forget_old;
mod release_stale;
mod watch_queues;

pub use forget_old::ForgetOld;
pub use release_stale::release_stale;
pub use watch_queues::watch_queues;
