//! Activity as it comes in, and what is answered.
//!
//! Not here: reading and checking it (`reading`).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_protocols::event::Score;
use uuid::Uuid;

use super::standing::COMPLETE;
use crate::{
    error::{Code, FieldFault},
    id::{self, Id, TenantId},
    scope::Scope,
    time::Timestamp,
};

/// What a learner did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Was put on a course.
    Enrolled,
    /// Began.
    Started,
    /// Went on.
    #[default]
    Progressed,
    /// Answered a question.
    Answered,
    /// Handed work in.
    Submitted,
    /// Completed; says nothing of success.
    Completed,
    /// Passed, and so completed.
    Passed,
    /// Failed; may try again.
    Failed,
}

impl Verb {
    /// All verbs.
    pub const ALL: [Self; 8] = [
        Self::Enrolled,
        Self::Started,
        Self::Progressed,
        Self::Answered,
        Self::Submitted,
        Self::Completed,
        Self::Passed,
        Self::Failed,
    ];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Started => "started",
            Self::Progressed => "progressed",
            Self::Answered => "answered",
            Self::Submitted => "submitted",
            Self::Completed => "completed",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }
}

/// Names a learner by one of three keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityUser {
    /// `usr_…`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Id<id::User>>,
    /// The institution's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// E-mail address, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// What kind of object was acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// A course.
    Course,
    /// A lesson.
    Lesson,
    /// A training item.
    Item,
}

impl ActivityKind {
    /// The word on the wire and in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Lesson => "lesson",
            Self::Item => "item",
        }
    }
}

/// Names what was acted on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityObject {
    /// Its kind.
    pub kind: ActivityKind,
    /// `crs_…`, `lsn_…` or `itm_…`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The institution's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

impl ActivityObject {
    /// Names an object by its bits.
    pub fn of(kind: ActivityKind, bits: Uuid) -> Self {
        let id = match kind {
            ActivityKind::Course => Id::<id::Course>::from_uuid(bits).to_string(),
            ActivityKind::Lesson => Id::<id::Lesson>::from_uuid(bits).to_string(),
            ActivityKind::Item => Id::<id::Item>::from_uuid(bits).to_string(),
        };
        Self { kind, id: Some(id), external_id: None }
    }
}

/// A score in its own scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityScore {
    /// As it was scored.
    pub raw: f64,
    /// Lowest possible; 0 if left out.
    #[serde(default)]
    pub min: Option<f64>,
    /// Highest possible; the item's maximum, else 100, if left out.
    #[serde(default)]
    pub max: Option<f64>,
}

/// What came of it; every part may be left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityResult {
    /// Share done, 0 to 1; 1 completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// Score of the attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<ActivityScore>,
    /// Passed or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// Time spent since the last event, at most a week; parts of a second are dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
    /// Number of the attempt, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<i32>,
}

/// One event of a learner's activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressEvent {
    /// Unique for the sender, at most 128 characters: an event counts once, for ever.
    pub id: String,
    /// When it happened, with an offset; at most a day ahead of the server's clock.
    pub occurred_at: Timestamp,
    /// The learner.
    pub user: ActivityUser,
    /// What was acted on.
    pub object: ActivityObject,
    /// What was done.
    pub verb: Verb,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<ActivityResult>,
}

/// Whether an event counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Counted, now and for good.
    Accepted,
    /// Counted before; nothing was changed.
    Duplicate,
    /// Not counted; may be corrected and sent again under the same id.
    Rejected,
}

/// The answer to one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventOutcome {
    /// The sender's id; null if it could not be read.
    pub id: Option<String>,
    /// Whether it counts.
    pub status: EventStatus,
    /// Why not: an error code.
    pub code: Option<&'static str>,
    /// The same in words.
    pub detail: Option<String>,
    /// Events that it caused, `evt_…`.
    pub events: Vec<Id<id::Event>>,
}

/// Why an event does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The sender's id, if it could be read.
    pub id: Option<String>,
    /// Error code.
    pub code: Code,
    /// In words.
    pub detail: String,
}

impl Rejection {
    /// Makes the rejection of a readable event.
    pub(crate) fn of(event: &ProgressEvent, code: Code, detail: impl Into<String>) -> Self {
        Self { id: Some(event.id.clone()), code, detail: detail.into() }
    }

    /// Makes the rejection of an event with faults in its fields.
    pub fn invalid(id: Option<String>, faults: &[FieldFault]) -> Self {
        let words = faults.iter().map(|fault| match fault.pointer.as_str() {
            "" => fault.detail.clone(),
            pointer => format!("{pointer}: {}", fault.detail),
        });
        let words: Vec<String> = words.collect();
        Self { id, code: Code::ValidationFailed, detail: words.join("; ") }
    }
}

impl From<Rejection> for EventOutcome {
    fn from(rejection: Rejection) -> Self {
        Self {
            id: rejection.id,
            status: EventStatus::Rejected,
            code: Some(rejection.code.as_str()),
            detail: Some(rejection.detail),
            events: Vec::new(),
        }
    }
}

/// The events of one request.
#[derive(Debug)]
pub struct Submission {
    /// Who sends them.
    pub scope: Scope,
    /// The events, in order; what could not be read is answered in its place.
    pub events: Vec<Result<ProgressEvent, Rejection>>,
}

impl Submission {
    pub(crate) fn tenant(&self) -> TenantId {
        self.scope.tenant
    }

    pub(crate) fn sees_course(&self, course: Uuid) -> bool {
        self.scope.sees_course(course)
    }

    pub(crate) fn request_id(&self) -> Option<Arc<str>> {
        self.scope.request_id.clone()
    }
}

/// What an event says of the object's standing, in the units of the row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity {
    pub(crate) verb: Verb,
    pub(crate) occurred_at: DateTime<Utc>,
    /// Basis points.
    pub(crate) progress: Option<i32>,
    pub(crate) score: Option<Score>,
    pub(crate) success: Option<bool>,
    pub(crate) duration_seconds: i64,
    pub(crate) attempt: Option<i32>,
}

impl Activity {
    /// Turns a checked event into the units of the row.
    ///
    /// # Errors
    /// `validation_failed` for a score beyond the object's own scale, which only the row knows.
    #[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "it was checked to be small")]
    pub(crate) fn of(event: &ProgressEvent, item_max_score: Option<f64>) -> Result<Self, Rejection> {
        let result = event.result.clone().unwrap_or_default();
        let score = result.score.map(|score| {
            let (min, max) = (score.min.unwrap_or(0.0), score.max.or(item_max_score).unwrap_or(100.0));
            Score { raw: score.raw, min, max }
        });
        if let Some(Score { min, max, .. }) = score.filter(|score| score.min >= score.max || score.raw > score.max) {
            let fault = FieldFault::new(
                "/result/score",
                "range",
                format!("wanted min below max and raw within {min} to {max}"),
            );
            return Err(Rejection::invalid(Some(event.id.clone()), &[fault]));
        }
        Ok(Self {
            verb: event.verb,
            occurred_at: event.occurred_at.utc(),
            progress: result.progress.map(basis_points),
            score,
            success: result.success,
            duration_seconds: result.duration_seconds.map_or(0, |seconds| seconds.floor() as i64),
            attempt: result.attempt,
        })
    }

    pub(crate) fn success(&self) -> Option<bool> {
        match self.verb {
            Verb::Passed => Some(true),
            Verb::Failed => Some(false),
            Verb::Enrolled | Verb::Started | Verb::Progressed | Verb::Answered | Verb::Submitted | Verb::Completed => {
                self.success
            }
        }
    }

    /// Completes the object that it acts on.
    pub(crate) fn completes(&self) -> bool {
        matches!(self.verb, Verb::Completed | Verb::Passed) || self.progress == Some(COMPLETE)
    }
}

/// Rounds a share to the nearest basis point, as 0.57 is a little less in binary; only the whole is the whole.
#[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "a share was checked to be 0 to 1")]
fn basis_points(share: f64) -> i32 {
    let most = if share < 1.0 { COMPLETE - 1 } else { COMPLETE };
    ((share * f64::from(COMPLETE)).round() as i32).min(most)
}

/// The bits of a named object, if the name is an id of its kind.
pub(crate) fn object_uuid(object: &ActivityObject) -> Option<Uuid> {
    let text = object.id.as_deref()?;
    match object.kind {
        ActivityKind::Course => text.parse::<Id<id::Course>>().ok().map(Id::uuid),
        ActivityKind::Lesson => text.parse::<Id<id::Lesson>>().ok().map(Id::uuid),
        ActivityKind::Item => text.parse::<Id<id::Item>>().ok().map(Id::uuid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_and_only_the_whole_is_the_whole() {
        let shares = [(0.0, 0), (0.57, 5_700), (0.999_99, 9_999), (1.0, COMPLETE)];
        for (share, wanted) in shares {
            assert_eq!(basis_points(share), wanted, "{share}");
        }
    }
}
