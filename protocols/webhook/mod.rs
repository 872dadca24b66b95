//! How an event is said to a receiver: its body, its headers, when to try again, and what an answer means.
//!
//! Not here: sending (`actors/egress`), the log of deliveries (`core/webhooks`), and who is owed what (`jobs/relay`).
//!
//! The players: a [`Dialect`] renders an [`Envelope`](crate::event::Envelope) once for each [`Audience`] that reads
//! the same bytes; those bytes are stored and sent at every attempt; [`Dialect::headers`] signs them anew for each
//! attempt; [`judge`] reads the status that came back; a [`RetryPolicy`] says when to try again.
//!
//! # Source
//! Standard Webhooks specification (standard-webhooks/spec), and the vendors' pages named by each dialect.

mod advice;
mod dialect;
pub mod dialects;
mod masking;
mod retry;
pub mod signature;
mod verdict;

pub use advice::{Remarks, refusal};
pub use dialect::{Audience, Dialect, DialectName, RenderError, Signing, UnknownDialect};
pub use masking::{MASK, masked_header, masked_url};
pub use retry::{RetryPolicy, Tries, UnknownRetryPolicy, retry_after};
pub use signature::{SignatureScheme, SigningKey};
pub use verdict::{Verdict, judge};
