//! An institution on this node: what is remembered of it, and what may be done now, for it and to whom.
//!
//! Not here: facts, which are rows and are read through a [`Source`] that the house gives; doing what is admitted
//! (`egress`, jobs).
//!
//! The players: the [`TenantDirectory`] finds or makes the actor of an institution; the actor asks its `concerns`:
//! permits under way, a breaker and a rate for each receiver, the rate of the institution itself, the import that
//! runs, and how old its knowledge of the rows is.

mod actor;
mod asking;
pub mod concerns;
mod directory;
mod messages;
mod options;
mod source;
#[cfg(test)]
mod tests;

pub use concerns::{
    ImportProgress, Level, Limits, OwnLimits, RateLimit, Read, Refusal, Spending, Spent, Tally, Turn as ImportTurn,
};
pub use directory::{DirectoryObservation, TenantDirectory};
pub use messages::{Admission, Changed, Grant, Remembered, TenantObservation, Verdict};
pub use options::TenantOptions;
pub use source::Source;
