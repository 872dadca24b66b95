//! Leaderboards: who has most points, time or lessons in a week, a month or all time.
//!
//! # Rule
//! Active learners stand on a board who have something to show and did not opt out; staff do not. Equal scores have equal
//! ranks, and the next rank counts all before it: 1, 2, 2, 4. Among equals stands first who was there first, then by id.
//! With fewer than [`LEAST`] on it a board shows nothing. A period that is over is frozen ([`mod@close`]): who stood on it and
//! with what stays. Somebody who leads groups has boards of the people of his groups.
//!
//! Not here: what gives points (`rules`).

mod close;
mod naming;
mod opt_out;
mod page;
mod periods;
mod ranks;
mod scores;
mod teams;

use stoa_core::words;

pub use close::{close, due_institutions};
pub use naming::Standing;
pub use opt_out::{has_opted_out, set_opt_out};
pub use page::{Asked, Board, Own, board};
use periods::span_of;
pub(super) use periods::{ALL_TIME, Calendar, LATE};
pub use periods::{Period, Span};
pub(super) use scores::{Gain, Scores};
pub use teams::{Team, Teams, teams};

/// With fewer on it a board shows nothing.
pub const LEAST: i64 = 5;

words! {
    /// Names what a leaderboard counts.
    Metric {
        /// Points.
        Xp = "xp",
        /// Reported time, in seconds.
        Time = "time",
        /// Lessons completed for the first time.
        Lessons = "lessons",
    }
}

impl Metric {
    /// Column of the score, and of when it was reached.
    const fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Xp => ("s.xp", "s.xp_at"),
            Self::Time => ("s.seconds", "s.seconds_at"),
            Self::Lessons => ("s.lessons", "s.lessons_at"),
        }
    }
}
