//! The game: what learners have reached, leaderboards, the ledger of points, and how an institution wants it all.

mod boards;
mod ledger;
mod samples;
mod settings;
mod stats;
mod views;

use crate::doors::Door;

/// Chapter of the documentation.
const TAG: &str = "Gamification";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    [stats::doors(), boards::doors(), ledger::doors(), settings::doors()].into_iter().flatten().collect()
}
