//! Replays: deliveries of a receiver sent once more, many at a time, and events that it was not sent while it was
//! disabled.
//!
//! Not here: who runs them and how fast (`stoa-jobs`), and a single delivery sent once more (`commands`).
//!
//! The players: a [`NewReplay`] says which deliveries, [`create`] makes the row, [`step()`] makes the next handful owed
//! again, in the order in which they were owed. [`offer()`] says what a replay would bring to a receiver that was
//! switched off.

mod candidates;
mod commands;
mod offer;
mod queries;
mod skipped;
mod step;

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use commands::{NewReplay, ReplayStatuses, cancel, create, fail};
pub use offer::{ReplayOffer, offer};
pub use queries::{get, list};
pub use step::{Handed, Step, step};

use super::DeliveryStatus;
use stoa_core::id::{self, Id};

/// What became of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayStatus {
    /// Under way.
    Running,
    /// Everything was attempted.
    Completed,
    /// Ended by a person; what was handed out before is still sent.
    Cancelled,
    /// Could not go on.
    Failed,
}

impl ReplayStatus {
    /// All of them, in the order in which an error lists them.
    pub const ALL: &'static [Self] = &[Self::Running, Self::Completed, Self::Cancelled, Self::Failed];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for ReplayStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReplayStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or(())
    }
}

/// A replay and how far it is.
#[derive(Debug, Clone)]
pub struct Replay {
    /// `rpl_…`
    pub id: Id<id::Replay>,
    /// The receiver.
    pub webhook_id: Id<id::Webhook>,
    /// Which deliveries.
    pub filter: ReplayFilter,
    /// Deliveries a second at most.
    pub rate_per_second: i32,
    /// What became of it.
    pub status: ReplayStatus,
    /// Why it failed.
    pub status_reason: Option<String>,
    /// How many there are; none where they were too many to count beforehand.
    pub total: Option<i64>,
    /// How many of them were attempted.
    pub done: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Replay {
    /// Seconds until it ends at its rate; none when it has ended or nobody knows.
    pub fn seconds_left(&self) -> Option<i64> {
        let left = self.total?.saturating_sub(self.done).max(0);
        let rate = i64::from(self.rate_per_second.max(1));
        (self.status == ReplayStatus::Running).then(|| left.saturating_add(rate - 1) / rate)
    }
}

/// Which deliveries a replay is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayFilter {
    /// What became of them.
    pub statuses: Vec<DeliveryStatus>,
    /// Types, in the catalogue's names; none means all.
    pub event_types: Option<Vec<String>>,
    /// What they are about, or what it happened in; none means anything.
    pub object_id: Option<Uuid>,
    /// Ended at or after this time; of events that were not sent, happened.
    pub since: DateTime<Utc>,
    /// The same before this time.
    pub until: DateTime<Utc>,
    /// Also events that were not sent because the receiver was disabled, or not approved yet.
    pub include_skipped: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_in_whole_seconds() {
        let filter = ReplayFilter {
            statuses: vec![],
            event_types: None,
            object_id: None,
            since: DateTime::UNIX_EPOCH,
            until: DateTime::UNIX_EPOCH,
            include_skipped: false,
        };
        let replay = |status, total, done| Replay {
            id: Id::from_uuid(Uuid::nil()),
            webhook_id: Id::from_uuid(Uuid::nil()),
            filter: filter.clone(),
            rate_per_second: 50,
            status,
            status_reason: None,
            total,
            done,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            finished_at: None,
        };
        assert_eq!(replay(ReplayStatus::Running, Some(101), 0).seconds_left(), Some(3));
        assert_eq!(replay(ReplayStatus::Running, Some(100), 100).seconds_left(), Some(0));
        assert_eq!(replay(ReplayStatus::Running, None, 0).seconds_left(), None);
        assert_eq!(replay(ReplayStatus::Cancelled, Some(100), 0).seconds_left(), None);
    }
}
