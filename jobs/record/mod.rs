//! What is worked out of the learning record behind those who write it.
//!
//! Not here: what is worked out, and how (`stoa_record`).

pub mod follow;
pub mod gamification;
pub mod operate;
mod rebuild;

use stoa_record::{cefr::Levels, following::Followed, gamification::GameFollower, rollups::Rollups};

pub use rebuild::{RebuildRollups, WatchRollups};

/// The followers of learners' activity, one line each.
pub fn followers() -> Vec<Followed> {
    vec![Followed::by(Rollups), Followed::by(GameFollower), Followed::by(Levels)]
}
