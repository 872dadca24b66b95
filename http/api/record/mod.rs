//! What is read of the learning record.

mod cefr;
mod insights;
mod lesson_progress;
mod progress_history;

use super::super::doors::Door;

/// Chapter of the documentation.
const TAG: &str = "Learning record";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    [cefr::doors(), insights::doors(), lesson_progress::doors(), progress_history::doors()]
        .into_iter()
        .flatten()
        .collect()
}
