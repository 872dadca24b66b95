//! What events say of a learner's game: experience points, achievements and the streak.
//!
//! Not here: the rules by which they come about, which stay with the record.
//!
//! # Source
//! Ours. A streak is counted in civil dates of a zone that is named, freezes as Duolingo has them
//! (blog.duolingo.com/how-duolingo-streak-builds-habit).

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant;

/// Points that were given at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct XpFacts {
    /// Sum of what was given.
    pub awarded: i64,
    /// All that the learner has since.
    pub total: i64,
    /// What it was given for, at most 20; `awarded` is the sum of all.
    pub entries: Vec<XpEntryFacts>,
    /// Entries that are not shown.
    pub more: i64,
}

/// A line of the ledger of points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct XpEntryFacts {
    /// Key of the rule.
    pub rule: String,
    /// Points; less than the rule's where the day's cap was reached, negative where somebody corrected.
    pub amount: i64,
    /// The sender's own id of the activity.
    pub source: String,
    /// The learner's date on which it counts.
    pub local_date: NaiveDate,
}

/// Something achieved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AchievementFacts {
    /// Key of the achievement.
    pub key: String,
    /// `bronze`, `silver` or `gold`.
    pub tier: String,
    /// How many it takes.
    pub target: i64,
    /// When it was unlocked.
    #[serde(serialize_with = "instant::serialize")]
    pub unlocked_at: DateTime<Utc>,
}

/// A run of dates with activity, after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreakFacts {
    /// Dates with activity in the run; 0 when it broke.
    pub current: i64,
    /// What `current` was before.
    pub previous: i64,
    /// The longest run so far.
    pub longest: i64,
    /// Dates that the change is of: those frozen, the one reached, or the first that was missed.
    pub dates: Vec<NaiveDate>,
    /// IANA zone of the dates.
    pub tz: String,
    /// When the run ends unless something is done before or a freeze is left; null without a run.
    #[serde(serialize_with = "instant::serialize_option")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Freezes that are left.
    pub freezes_available: i64,
}
