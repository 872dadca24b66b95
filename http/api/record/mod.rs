//! What is read of the learning record.

mod analytics;
mod cefr;
mod gamification;
mod insights;
mod lesson_progress;
mod progress_history;
mod stats;

use super::super::doors::Door;

/// Chapter of the documentation.
const TAG: &str = "Learning record";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    [
        analytics::doors(),
        cefr::doors(),
        gamification::doors(),
        insights::doors(),
        lesson_progress::doors(),
        progress_history::doors(),
        stats::doors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
