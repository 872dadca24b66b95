//! Files of people: read into rows, planned, applied.
//!
//! Not here: how a file is written (`stoa_protocols::roster`), and who drives an import on (`stoa_jobs::imports`).
//!
//! # Rule
//! An import goes through two phases. The *plan* says of every row what would be done with it and changes nobody; to
//! *apply* executes that plan, row by row as it was planned: whoever changed since is left as he is, and told so. Both go
//! on in chunks, each a short transaction that moves the import's own row on, so that whoever takes the next one, on
//! whatever node and after whatever crash, begins where the last one committed.
//!
//! Players: [`Import`], the row that all chunks lock; [`plan`], which makes a row of the plan of each row of the file;
//! [`apply`], which writes people.

mod announce;
pub mod apply;
mod begin;
mod commands;
pub mod files;
mod options;
pub mod plan;
mod queries;
mod rows;
mod turn;

pub use begin::{Begun, NewImport, begin, fingerprint, may_send};
pub use commands::{Ordered, cancel, fail, order_apply};
pub use options::{ImportMode, ImportOptions, ImportStrategy, MatchOn, OnMissing};
pub use queries::{forsaken, get, lines, list};
pub use rows::{Import, LineReport, Obstacle, Progress, RowFault};
pub use turn::{Turn, leave, take_turn};

use crate::words;

words! {
    /// Where an import is in its life.
    ImportStatus {
        /// The file is being read and planned.
        Validating = "validating",
        /// The plan is ready and waits for somebody to say apply.
        Planned = "planned",
        /// The plan is being applied.
        Applying = "applying",
        /// Every row was applied.
        Completed = "completed",
        /// Applied, but for rows that the report names.
        CompletedWithErrors = "completed_with_errors",
        /// Not applied, or not to its end.
        Failed = "failed",
        /// Somebody stopped it; what was applied before stays.
        Cancelled = "cancelled",
        /// People changed since the plan was made, so it was not applied.
        Stale = "stale",
    }
}

impl ImportStatus {
    /// It has not ended.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Validating | Self::Planned | Self::Applying)
    }
}

words! {
    /// What a plan does with a row.
    RowAction {
        /// Adds a person.
        Create = "create",
        /// Changes a person.
        Update = "update",
        /// Nothing: the person is as the file says.
        Unchanged = "unchanged",
        /// Takes access from somebody whom the file does not name.
        Deactivate = "deactivate",
        /// Refuses the row.
        Invalid = "invalid",
        /// Leaves the row out, as the options say.
        Skipped = "skipped",
    }
}
