//! What is asked of a tenant's actor.
//!
//! Not here: how it is weighed (`concerns`). Every message brings the time, so the actor needs no clock.

use chrono::{DateTime, Utc};
use serde::Serialize;
use stoa_core::{
    Id,
    id::Import,
    institutions::{Counts, InstitutionStatus, Settings},
};
use tokio::sync::watch;
use uuid::Uuid;

use super::concerns::{
    ConcernsObservation, ImportObservation, ImportProgress, KnownObservation, OwnLimits, Period, Refusal, Spending,
    Spent, Tally, Turn,
};

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

/// Asks whether a request may go on: what the edge asks once for each request that named an institution.
#[derive(Debug, Clone, actix::Message)]
#[rtype(result = "Verdict")]
pub(super) struct Spend {
    pub(super) now: DateTime<Utc>,
    pub(super) asked: Spending,
}

/// Whether a request may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Life of the contract, as far as this node knows; none where it knows nothing yet. What a token says of its
    /// institution is read with the token and has the last word.
    pub status: Option<InstitutionStatus>,
    /// How the rates stand that it took from.
    pub spent: Spent,
}

impl Verdict {
    /// The institution is suspended or closed.
    pub fn is_shut(&self) -> bool {
        matches!(self.status, Some(InstitutionStatus::Suspended | InstitutionStatus::Closed))
    }
}

/// Says that rows changed, or may have; answers how to hear that settings were read again, and at which count.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "(watch::Receiver<u64>, u64)")]
pub(super) struct Heard {
    pub(super) now: DateTime<Utc>,
    pub(super) what: Changed,
}

/// Names what may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Settings and open imports.
    Settings,
    /// Members.
    Counts,
    /// Anything.
    All,
}

/// Asks whether an import may begin.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "Turn")]
pub(super) struct AdmitImport {
    pub(super) now: DateTime<Utc>,
    pub(super) import: Id<Import>,
}

/// Tells of an import.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "bool")]
pub(super) struct OfImport {
    pub(super) now: DateTime<Utc>,
    pub(super) import: Id<Import>,
    pub(super) word: ImportWord,
}

/// What is told of an import.
#[derive(Debug, Clone, Copy)]
pub(super) enum ImportWord {
    /// How far it is.
    Progress(ImportProgress),
    /// It ended.
    Ended,
    /// It is to stop.
    Cancel,
    /// Is it to stop.
    Ask,
}

/// Asks for what is remembered of the rows; answers also how to hear when more is, where that is nothing yet.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "(Remembered, Option<watch::Receiver<u64>>)")]
pub(super) struct Recall {
    pub(super) now: DateTime<Utc>,
}

/// What is remembered of the rows of an institution; a moment old.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// What it may, and how it wants things.
    pub settings: Option<std::sync::Arc<Settings>>,
    /// How many it has of what.
    pub counts: Option<Counts>,
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
    /// When this life began.
    pub born_at: DateTime<Utc>,
    /// Messages answered in this life.
    pub answered: u64,
    /// What it knows of the institution's settings: how, and how old that is.
    pub knows: KnownObservation,
    /// Those settings; none where nothing was read yet.
    pub settings: Option<Settings>,
    /// The import that runs.
    pub import: Option<ImportObservation>,
    /// Imports that have not ended.
    pub open_imports: usize,
    /// What it knows of the standing counters.
    pub counted: KnownObservation,
    /// Those counters.
    pub counts: Option<Counts>,
    /// What concerns it.
    #[serde(flatten)]
    pub concerns: ConcernsObservation,
}

impl TenantObservation {
    /// What is to be looked at first: the troubled, then the busiest.
    pub(super) fn weight(&self) -> (usize, u32, bool, u32, u64) {
        let (concerns, failures) = (&self.concerns, self.knows.failures);
        (concerns.breakers.len(), failures, self.import.is_some(), concerns.in_flight, self.answered)
    }
}
