//! The learning record's way in: activity becomes standings, enrolments, completions and the events that tell of them.
//!
//! Not here: what is read from the record (lesson progress, history, analytics).
//!
//! The road of a batch: [`Recorder`] gathers the requests that wait at the same moment, [`ingest`] resolves
//! their references, locks their learners, folds each event into the learner's standings ([`standing`]),
//! writes rows and events, and commits once for all of them. The answer is given after the commit.

mod activity;
mod announce;
mod fold;
mod ingest;
mod locks;
mod reading;
mod recorder;
mod resolve;
mod rows;
mod standing;
mod store;
mod structure;

pub use activity::{
    ActivityObject, ActivityUser, EventOutcome, EventStatus, ProgressEvent, Rejection, Submission, Verb,
};
pub use locks::lock_learners;
pub use reading::parse_event;
pub use recorder::{Recorder, RecorderOptions, Writers};
pub(crate) use standing::Key as StandingKey;
pub use standing::Standing;
pub(crate) use store::{insert_standings, standings};
