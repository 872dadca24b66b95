//! What is asked of a tenant's actor.
//!
//! Not here: how it is weighed (`concerns`). Every message brings the time, so the actor needs no clock.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::concerns::{ConcernsObservation, OwnLimits, Period, Refusal, Tally};

/// Asks for permits to call a receiver.
#[derive(Debug, Clone, actix::Message)]
#[rtype(result = "Admission")]
pub(super) struct Admit {
    pub(super) now: DateTime<Utc>,
    pub(super) webhook: Uuid,
    pub(super) want: u32,
    pub(super) own: OwnLimits,
}

/// What may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// How many requests may go.
    pub granted: u32,
    /// Goes back with the report on them.
    pub grant: Grant,
    /// When to ask for the rest, if there is one.
    pub retry_at: Option<DateTime<Utc>>,
    /// Why there is a rest.
    pub why: Option<Refusal>,
}

/// Names permits that were granted together. A report may be in several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub(super) webhook: Uuid,
    pub(super) period: Period,
    /// Life of the actor that granted; its successor knows nothing of them.
    pub(super) life: u32,
}

/// Tells how those fared that went, and gives their permits back.
#[derive(Debug, Clone, actix::Message)]
#[rtype(result = "()")]
pub(super) struct Report {
    pub(super) now: DateTime<Utc>,
    pub(super) grant: Grant,
    pub(super) tally: Tally,
}

/// Takes tokens of the institution's rate; the error says when there will be enough.
#[derive(Debug, Clone, actix::Message)]
#[rtype(result = "Result<(), DateTime<Utc>>")]
pub(super) struct Spend {
    pub(super) now: DateTime<Utc>,
    pub(super) count: u32,
}

/// Asks an actor about itself.
#[derive(Debug, Clone, actix::Message)]
#[rtype(result = "TenantObservation")]
pub(super) struct Inspect {
    pub(super) now: DateTime<Utc>,
}

/// What an actor says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantObservation {
    /// Number of this life: it begins again after a panic or an idle spell.
    pub life: u32,
    /// What concerns it.
    #[serde(flatten)]
    pub concerns: ConcernsObservation,
}
