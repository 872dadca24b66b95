//! The house's own upkeep: what keeps the queue, the throttle and the partitions in order.
//!
//! Not here: the calendar that runs it (`schedule`).

mod expire_subscription_requests;
mod forget_audit;
mod forget_import_files;
mod forget_old;
mod keep_partitions;
mod release_stale;
mod tell_of_expiring_tokens;
mod watch_partitions;
mod watch_queues;

pub use expire_subscription_requests::ExpireSubscriptionRequests;
pub use forget_audit::ForgetAudit;
pub use forget_import_files::ForgetImportFiles;
pub use forget_old::ForgetOld;
pub use keep_partitions::KeepPartitions;
pub use release_stale::release_stale;
pub use tell_of_expiring_tokens::TellOfExpiringTokens;
pub use watch_partitions::watch_partitions;
pub use watch_queues::watch_queues;
