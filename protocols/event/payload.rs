//! The neutral payload. Field names are those of Talktiko's `data`, which is this structure as it is.
//!
//! Not here: the envelope around it, which each dialect writes in its own way (`webhook::dialects`).
//!
//! # Source
//! Ours, in the style of Talktiko's integrations page: snake case, ids as text; times are RFC 3339 section 5.6 in UTC
//! with milliseconds, in the ledger as on the wire, so that a payload read back gives the same bytes.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    catalogue::{EventType, ItemKind, ObjectKind},
    cefr::CefrFacts,
    erasures::ErasureFacts,
    exports::ExportFacts,
    gamification::{AchievementFacts, StreakFacts, XpFacts},
    imports::MemberImportFacts,
    instant,
    institutions::LifecycleFacts,
    members::{MemberFacts, SeatsFacts},
    operational::{DeliveryFacts, WebhookFacts},
    subscriptions::{SubscriptionFacts, SubscriptionRequestFacts},
    tokens::TokenFacts,
};

/// An event with everything a dialect may say of it.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// `evt_…`, the same over every retry and dialect.
    pub id: String,
    /// Name in the catalogue.
    pub event_type: EventType,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Whose it is.
    pub institution: InstitutionFacts,
    /// What it is about.
    pub object: ObjectRef,
    /// What happened.
    pub data: Arc<EventData>,
    /// Asked for by a person, not caused by activity.
    pub test: bool,
}

/// The institution, both ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionFacts {
    /// `inst_…`
    pub id: String,
    /// Integer id.
    pub number: i64,
}

/// The object that an event is about. Order is kept for one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRef {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ObjectKind,
    /// Prefixed id.
    pub id: String,
    /// Counts the announced changes of the object, from 1.
    pub revision: i32,
}

/// What happened: the parts that the event has, no others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventData {
    /// The learner, or the person added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Arc<UserFacts>>,
    /// The course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<Arc<CourseFacts>>,
    /// The learning path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_path: Option<Arc<LearningPathFacts>>,
    /// The lesson.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lesson: Option<Arc<LessonFacts>>,
    /// The training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<Arc<TrainingFacts>>,
    /// The item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Arc<ItemFacts>>,
    /// Where the learner stands on the object, after the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<StandingFacts>,
    /// The enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment: Option<EnrolmentFacts>,
    /// Learners of one act of enrolling, at most 100; an act of more is told by several events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<Arc<UserFacts>>,
    /// Groups of one act of enrolling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Arc<GroupFacts>>,
    /// Who enrolled them; absent for an integration and for activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled_by: Option<Arc<UserFacts>>,
    /// A submission for review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission: Option<SubmissionFacts>,
    /// The receiver, in operational events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookFacts>,
    /// The delivery that was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryFacts>,
    /// The request for subscriptions that was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_request: Option<Box<SubscriptionRequestFacts>>,
    /// The subscription that support made or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Box<SubscriptionFacts>>,
    /// The file of people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_import: Option<Box<MemberImportFacts>>,
    /// The token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Box<TokenFacts>>,
    /// What the person is in the institution, where that is what the event is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Box<MemberFacts>>,
    /// How full the institution is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<SeatsFacts>,
    /// The life of the institution, where that is what the event is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Box<LifecycleFacts>>,
    /// The learner's levels in a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cefr: Option<Box<CefrFacts>>,
    /// The file made of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<Box<ExportFacts>>,
    /// The erasing of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Box<ErasureFacts>>,
    /// Points that were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xp: Option<Box<XpFacts>>,
    /// What was achieved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub achievement: Option<Box<AchievementFacts>>,
    /// The learner's streak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streak: Option<Box<StreakFacts>>,
    /// Words for a person, in operational events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserFacts {
    /// `usr_…`
    pub id: String,
    /// Integer id.
    pub number: i64,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Address as it was given.
    pub email: String,
    /// Whole name.
    pub name: String,
    /// Given name.
    pub first_name: String,
    /// Family name, possibly empty.
    pub last_name: String,
    /// Role in the institution.
    pub role: String,
}

/// A course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CourseFacts {
    /// `crs_…`
    pub id: String,
    /// Integer id.
    pub number: i64,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Readable part of its public address.
    pub slug: String,
    /// Shown to people.
    pub title: String,
    /// Picture, if there is one.
    pub cover_url: Option<String>,
    /// `usr_…` of the author, if known.
    pub author_id: Option<String>,
}

/// A group of learners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupFacts {
    /// `grp_…`, or `everyone` for the whole institution.
    pub id: String,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Shown to people.
    pub name: String,
}

/// Several courses, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LearningPathFacts {
    /// `lpt_…`
    pub id: String,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Shown to people.
    pub title: String,
}

/// A lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LessonFacts {
    /// `lsn_…`
    pub id: String,
    /// Integer id.
    pub number: i64,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Shown to people.
    pub title: String,
    /// Order within the course, from 1.
    pub position: i32,
}

/// A training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrainingFacts {
    /// `trn_…`
    pub id: String,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Shown to people.
    pub title: String,
}

/// A training item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemFacts {
    /// `itm_…`
    pub id: String,
    /// Integer id.
    pub number: i64,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ItemKind,
    /// Shown to people.
    pub title: String,
}

/// How far a learner is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandingStatus {
    /// Nothing done yet.
    NotStarted,
    /// Begun.
    InProgress,
    /// Completed, neither passed nor failed.
    Completed,
    /// Passed.
    Passed,
    /// Completed and not passed.
    Failed,
}

/// A score in its own scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// As it was scored.
    pub raw: f64,
    /// Lowest possible.
    pub min: f64,
    /// Highest possible.
    pub max: f64,
}

impl Score {
    /// The score as a share of its scale, 0 to 10000 basis points, rounded down.
    #[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "clamped to 0..=10000 first")]
    pub fn basis_points(self) -> i32 {
        let width = self.max - self.min;
        if width > 0.0 { ((self.raw - self.min) / width * 10_000.0).clamp(0.0, 10_000.0).floor() as i32 } else { 0 }
    }
}

/// Where a learner stands on one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandingFacts {
    /// `std_…`
    pub id: String,
    /// Integer id, that of the statistic in Teachbase's words.
    pub number: i64,
    /// How far, in one word.
    pub status: StandingStatus,
    /// How far, 0 to 10000 basis points; 10000 only when complete.
    pub progress: i32,
    /// Passed or failed; null while unknown.
    pub success: Option<bool>,
    /// Score of the latest attempt.
    pub score: Option<Score>,
    /// Best score so far, in basis points of its scale.
    pub best_score: Option<i32>,
    /// Attempts so far.
    pub attempts: i32,
    /// Sum of reported durations.
    pub time_spent_seconds: i64,
    /// First activity.
    #[serde(serialize_with = "instant::serialize_option")]
    pub started_at: Option<DateTime<Utc>>,
    /// First completion.
    #[serde(serialize_with = "instant::serialize_option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// When the standing was made.
    #[serde(serialize_with = "instant::serialize")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "instant::serialize")]
    pub updated_at: DateTime<Utc>,
}

/// An enrolment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnrolmentFacts {
    /// `enr_…`
    pub id: String,
    /// `active`, `completed` or `removed`.
    pub status: String,
    /// When it happened.
    #[serde(serialize_with = "instant::serialize")]
    pub enrolled_at: DateTime<Utc>,
    /// First completion of the course.
    #[serde(serialize_with = "instant::serialize_option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// When the course should be done.
    #[serde(serialize_with = "instant::serialize_option")]
    pub due_at: Option<DateTime<Utc>>,
    /// Who enrolled the learner; null when activity did.
    pub enrolled_by: Option<Arc<UserFacts>>,
}

/// A course submitted for review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubmissionFacts {
    /// First time that this course is submitted.
    pub is_initial: bool,
    /// Who submitted it; null for an integration.
    pub submitter: Option<Arc<UserFacts>>,
    /// Who is to review it, once chosen.
    pub reviewer: Option<Arc<UserFacts>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_says_that_times_are_times() {
        let schema = serde_json::to_value(schemars::schema_for!(StandingFacts)).unwrap();
        assert_eq!(schema["properties"]["created_at"]["format"], "date-time");
        assert_eq!(schema["properties"]["started_at"]["format"], "date-time");
    }

    #[test]
    fn a_score_is_a_share_of_its_scale_rounded_down() {
        let share = |raw, min, max| Score { raw, min, max }.basis_points();
        assert_eq!([share(8.0, 0.0, 10.0), share(2.0, 0.0, 3.0), share(5.0, 4.0, 8.0)], [8_000, 6_666, 2_500]);
        assert_eq!([share(11.0, 0.0, 10.0), share(-1.0, 0.0, 10.0), share(1.0, 1.0, 1.0)], [10_000, 0, 0]);
    }
}
