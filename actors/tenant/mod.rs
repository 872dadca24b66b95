//! Admission: what may be done now for an institution, and to whom.
//!
//! Not here: how much an institution has booked (facts, in `stoa_core`), and doing it (`egress`).
//!
//! The players: the [`TenantDirectory`] finds or makes the actor of an institution; the actor asks its `concerns`:
//! permits under way, a breaker and a rate for each receiver, and the rate of the institution itself.

mod actor;
pub mod concerns;
mod directory;
mod messages;
#[cfg(test)]
mod tests;

pub use concerns::{Limits, OwnLimits, Refusal, Tally};
pub use directory::{DirectoryObservation, TenantDirectory, TenantOptions};
pub use messages::{Admission, Grant, TenantObservation};
