//! What happened, in neutral words: the catalogue of event types and the payload that every dialect is rendered from.
//!
//! Not here: how a receiver wants it said (`webhook`), and when an event is recorded (`stoa-core`).
//!
//! The payload is frozen when the event is recorded. It carries both ids of every object, the prefixed
//! text and the integer, because one dialect reads the first and another the second.
//!
//! # Source
//! Ours; each part names what it follows.

mod catalogue;
mod cefr;
mod erasures;
mod exports;
mod gamification;
mod imports;
pub(crate) mod instant;
mod institutions;
mod members;
mod operational;
mod payload;
mod samples;
mod subscriptions;
mod tokens;

pub use catalogue::{EventType, ItemKind, ObjectKind, Phase, StatKind};
pub use cefr::{CefrChange, CefrFacts};
pub use erasures::ErasureFacts;
pub use exports::ExportFacts;
pub use gamification::{AchievementFacts, StreakFacts, XpEntryFacts, XpFacts};
pub use imports::{MemberImportCounts, MemberImportFacts};
pub use institutions::LifecycleFacts;
pub use members::{MemberFacts, SeatsFacts};
pub use operational::{DeliveryFacts, WebhookFacts};
pub use payload::{
    CourseFacts, EnrolmentFacts, Envelope, EventData, GroupFacts, InstitutionFacts, ItemFacts, LearningPathFacts,
    LessonFacts, ObjectRef, Score, StandingFacts, StandingStatus, SubmissionFacts, TrainingFacts, UserFacts,
};
pub use samples::sample;
pub use subscriptions::{SubscriptionFacts, SubscriptionRequestFacts, SubscriptionRequestItemFacts};
pub use tokens::TokenFacts;
