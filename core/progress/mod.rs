//! The learning record's way in: activity becomes standings, enrolments, completions and the events that tell of them.
//!
//! Not here: what else is read from the record (lesson progress, history, analytics).
//!
//! The road of a batch: [`Recorder`] gathers the requests that wait at the same moment, [`ingest`] resolves
//! their references, locks their learners, folds each event into the learner's standings ([`standing`]),
//! writes rows and events, and commits once for all of them. The answer is given after the commit.
//!
//! What was told can be asked again: [`stats`] answers a standing as its last announcement told it.

mod activity;
mod announce;
mod fold;
mod ingest;
mod locks;
mod outline;
mod reading;
mod recorder;
mod reports;
mod resolve;
mod rows;
mod standing;
mod stats;
mod store;
mod structure;
mod waivers;

pub use activity::{
    ActivityKind, ActivityObject, ActivityResult, ActivityScore, ActivityUser, EventOutcome, EventStatus,
    ProgressEvent, Rejection, Submission, Verb,
};
pub use ingest::backfill;
pub use locks::lock_learners;
pub use outline::standings_of;
pub use reading::{check_event, parse_event};
pub use recorder::{Recorder, RecorderOptions, Writers};
pub use reports::{Report, ReportRow, last_active, report};
pub(crate) use standing::Key as StandingKey;
pub use standing::Standing;
pub use stats::{PartKind, Stats, get_stat, list_stats};
pub(crate) use store::{insert_standings, standings};
pub use waivers::{LessonOf, Waiver, take_back, waive, waivers_of};
