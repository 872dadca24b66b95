//! The one door out: every HTTP request to somebody else leaves here.
//!
//! Not here: what is said (`stoa_protocols::webhook`), whether it may be said now (`tenant`), and what an answer
//! means for a delivery (`stoa_jobs`).
//!
//! The players: an [`EgressPool`] chooses one of a few egresses (`actor`), each on a thread of its own with its own
//! client. An attempt (`exchange`) asks the client, which asks the `guard` for a connection; the guard asks the
//! `resolver` and the target rules. The connection (`wire`) tells the attempt where it leads and how far it is
//! (`stages`), the check of the `certificate` what TLS agreed on. Whatever fails is sorted (`failure`) into a
//! [`FailureClass`] and told in a sentence (`words`).

mod actor;
mod certificate;
mod exchange;
mod failure;
mod guard;
mod messages;
mod options;
mod pool;
mod resolver;
mod stages;
#[cfg(test)]
mod tests;
mod wire;
mod words;

pub use actor::EgressObservation;
pub use messages::{Answer, CertificateFacts, FailureClass, Outbound, Outcome, Post, Timings, TlsFacts};
pub use options::EgressOptions;
pub use pool::{EgressPool, PoolObservation};
pub use resolver::{Resolver, SystemResolver};
