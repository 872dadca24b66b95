//! Files of the record, made on demand: rows of one type, of one moment, in the form that somebody asked for.
//!
//! The players: [`NewExport`], what is asked for; [`Wanted`], the same, checked; [`Export`], the row that tells how far it
//! is; [`Run`], one attempt at writing it, under the rights of whoever asked (`maker`); `kinds`, what each type is made
//! of; `query`, the one statement of a file; [`copy`], that statement as a stream.
//!
//! # Rule
//! - A file is one statement, so it shows one moment, and nothing that whoever asked may not see: it is made inside his
//!   walls, with what is left of his rights when it is made.
//! - What is asked for again by the same caller, while the same is being made, is that.
//! - A run names itself in the row. One that finds another name there has lost its turn and writes nothing more, so
//!   whatever dies or comes back late, one run's file is offered, whole.
//! - A file leaves something behind from the moment that its key stands in the row until it is known to be deleted.
//! - A file tells a place in the order of commits from which the next one can go on. What commits late is behind that
//!   place, so nothing is lost between two files; a row may stand in both.
//!
//! Not here: how a file is written (`stoa_protocols::table`), where it lies (`stoa_actors::storage`), and when
//! (`stoa_jobs::exports`).

mod announce;
mod check;
mod commands;
pub mod copy;
mod expiry;
mod kinds;
mod maker;
mod place;
mod queries;
mod query;
mod rows;
mod run;
mod wanted;

use stoa_core::{Ability, words};

pub use commands::{Asked, ask, cancel, fetch};
pub use expiry::{Leftover, due, expire_due, forget_old, forsaken, leftovers, swept};
pub use place::Place;
pub use queries::{ExportFilter, get, list};
pub use query::Statement;
pub use rows::{Export, Failure};
pub use run::{Begun, Made, Progress, Run, Turn, begin, complete, fail, horizon, tell};
pub use wanted::{Filters, FiltersWanted, NewExport, Wanted};

words! {
    /// What the rows of an export are.
    ExportType {
        /// Each lesson of each learner on each course.
        LearnerProgress = "learner_progress",
        /// Each course that a learner completed.
        Completions = "completions",
        /// Each thing that a learner did.
        Activity = "activity",
        /// Each member.
        Members = "members",
        /// Each event owed to a receiver.
        Deliveries = "deliveries",
        /// Each entry of the audit log.
        Audit = "audit",
        /// Each piece of evidence of a learner's level.
        Cefr = "cefr",
    }
}

words! {
    /// Where an export is in its life.
    ExportStatus {
        /// Waits for its turn.
        Queued = "queued",
        /// Is being made.
        Running = "running",
        /// Is whole, and can be fetched.
        Completed = "completed",
        /// Was not made.
        Failed = "failed",
        /// Was whole; its time is over.
        Expired = "expired",
        /// Was stopped by somebody.
        Cancelled = "cancelled",
    }
}

words! {
    /// Ways to narrow an export.
    FilterName {
        /// Courses.
        CourseIds = "course_ids",
        /// People.
        UserIds = "user_ids",
        /// People of these groups.
        GroupIds = "group_ids",
        /// Statuses.
        Status = "status",
        /// Roles.
        Roles = "roles",
        /// What was done by learners.
        Verbs = "verbs",
        /// Receivers.
        WebhookIds = "webhook_ids",
        /// Types of events.
        EventTypes = "event_types",
        /// What was done, in the words of the audit log.
        Actions = "actions",
        /// Languages that are learned.
        Languages = "languages",
        /// Skills.
        Skills = "skills",
        /// At or after a time.
        From = "from",
        /// Before a time.
        To = "to",
    }
}

impl ExportType {
    /// What whoever asks for it, or fetches it, has to be able to besides exports.
    pub const fn needs(self) -> Ability {
        match self {
            Self::LearnerProgress | Self::Completions | Self::Activity => Ability::ProgressRead,
            Self::Members => Ability::MembersRead,
            Self::Deliveries => Ability::WebhooksRead,
            Self::Audit => Ability::AuditRead,
            Self::Cefr => Ability::CefrRead,
        }
    }

    /// Is of courses, so that whoever is limited to some may have it of those.
    pub const fn is_of_courses(self) -> bool {
        matches!(self, Self::LearnerProgress | Self::Completions | Self::Activity)
    }
}

impl ExportStatus {
    /// Is going to be made, or is being made.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}
