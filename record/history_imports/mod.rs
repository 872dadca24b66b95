//! Files of what learners did before they came: read row by row, each row counted as activity.
//!
//! # Rule
//! - A row counts once, for ever, by its `event_id`, and where the file has none by what it says. A file that is sent
//!   again counts nothing twice.
//! - A row that cannot count is told with its line, and the others count.
//! - Rows go in by handfuls, each a transaction; the import's own row says how many are done, so that whoever goes on
//!   after a crash begins there. Rows of a handful that was counted when the crash came are told as duplicates.
//!
//! Not here: storing the file (`stoa_core::imports::files`), and who drives an import on (`stoa_jobs::history_imports`).

mod columns;
mod commands;
mod rows;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use stoa_core::{Id, id, words};

pub use columns::Columns;
pub use commands::{Advance, NewHistory, advance, begin, cancel, end, find, get_running, list};
pub use rows::{AT_ONCE, Read, count, read};

/// Most faults that are kept of a file.
pub const FAULTS_MAX: usize = 1_000;

words! {
    /// Where an import is in its life.
    HistoryStatus {
        /// Rows are being read and counted.
        Running = "running",
        /// Every row counts.
        Completed = "completed",
        /// Every row was read; some do not count.
        CompletedWithErrors = "completed_with_errors",
        /// The file could not be read to its end; what was counted before stays.
        Failed = "failed",
        /// Somebody stopped it; what was counted before stays.
        Cancelled = "cancelled",
    }
}

/// A file of what learners did.
#[derive(Debug, Clone, QueryableByName)]
pub struct HistoryImport {
    /// `imp_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Import>,
    /// As the sender calls the file.
    #[diesel(sql_type = Nullable<Text>)]
    pub file_name: Option<String>,
    /// Size, unpacked.
    #[diesel(sql_type = BigInt)]
    pub file_bytes: i64,
    /// IANA zone of times without an offset.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// Where it is in its life.
    #[diesel(sql_type = Text)]
    pub status: HistoryStatus,
    /// Rows that were read.
    #[diesel(sql_type = BigInt)]
    pub rows_done: i64,
    /// Rows that count now.
    #[diesel(sql_type = BigInt)]
    pub accepted: i64,
    /// Rows that counted before.
    #[diesel(sql_type = BigInt)]
    pub duplicates: i64,
    /// Rows that do not count.
    #[diesel(sql_type = BigInt)]
    pub rejected: i64,
    #[diesel(sql_type = Jsonb)]
    faults: serde_json::Value,
    /// Why the file could not be read to its end.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// When the file had arrived.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last went on.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<DateTime<Utc>>,
}

impl HistoryImport {
    /// The first rows that do not count.
    pub fn faults(&self) -> Vec<HistoryFault> {
        serde_json::from_value(self.faults.clone()).unwrap_or_default()
    }
}

/// Why a row does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryFault {
    /// Line of the file on which the row begins.
    pub line: u64,
    /// Column, where one is to blame.
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// In words.
    pub message: String,
}
