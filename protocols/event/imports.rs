//! What events say of a file of people.
//!
//! Not here: what it did to each person, which the events of people tell.
//!
//! # Source
//! Ours. The counts are those of Canvas's SIS imports, canvas.instructure.com, "SIS Imports API", in our words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file of people and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberImportFacts {
    /// `imp_…`
    pub id: String,
    /// `validating`, `planned`, `applying`, `completed`, `completed_with_errors`, `failed`, `cancelled` or `stale`.
    pub status: String,
    /// `dry_run` or `apply`.
    pub mode: String,
    /// The set of people that the file is an edition of.
    pub data_set: Option<String>,
    /// As the sender calls the file.
    pub file_name: Option<String>,
    /// Rows by what the plan does with them.
    pub planned: MemberImportCounts,
    /// Rows by what was done with them; null before anything was.
    pub applied: Option<MemberImportCounts>,
    /// Why it failed, a code; null where it did not.
    pub reason: Option<String>,
}

/// Rows by action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MemberImportCounts {
    /// People who are new.
    pub create: i32,
    /// People whose fields, groups or courses change.
    pub update: i32,
    /// People who are already as the file says.
    pub unchanged: i32,
    /// People who are missing from the file and lose access.
    pub deactivate: i32,
    /// Rows that are refused.
    pub invalid: i32,
    /// Rows that the options leave out.
    pub skipped: i32,
    /// Rows that could not be applied after all; always 0 in a plan.
    pub failed: i32,
}

impl MemberImportCounts {
    /// Rows of all kinds.
    pub const fn total(&self) -> i32 {
        self.writes() + self.unchanged + self.invalid + self.skipped + self.failed
    }

    /// Rows that change something.
    pub const fn writes(&self) -> i32 {
        self.create + self.update + self.deactivate
    }
}
