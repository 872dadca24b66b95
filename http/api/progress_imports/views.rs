//! A file of history as it is shown.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, id};
use stoa_record::history_imports::{HistoryFault, HistoryImport, HistoryStatus};

use crate::doors::{Sample, sample};

/// A file of what learners did.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProgressImport")]
pub(super) struct HistoryImportView {
    /// Id.
    id: Id<id::Import>,
    /// As the sender calls the file.
    file_name: Option<String>,
    /// Size, unpacked.
    file_bytes: i64,
    /// IANA zone of times without an offset.
    tz: String,
    /// Where it is in its life.
    status: HistoryStatus,
    /// Rows that were read so far, and what came of them.
    progress: HistoryProgressView,
    /// The first thousand rows that do not count.
    faults: Vec<HistoryFaultView>,
    /// Why the file could not be read to its end.
    reason: Option<String>,
    /// When the file had arrived.
    created_at: DateTime<Utc>,
    /// When it last went on.
    updated_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
}

/// How far a file is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProgressImportCounts")]
struct HistoryProgressView {
    /// Rows that were read.
    rows_done: i64,
    /// Rows that count now.
    accepted: i64,
    /// Rows that counted before.
    duplicates: i64,
    /// Rows that do not count.
    rejected: i64,
}

/// A row that does not count.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProgressImportFault")]
struct HistoryFaultView {
    /// Line of the file on which the row begins.
    line: u64,
    /// Column, where one is to blame.
    column: Option<String>,
    /// Stable code.
    code: String,
    /// In words.
    message: String,
}

impl HistoryImportView {
    pub(super) fn of(import: &HistoryImport) -> Self {
        let fault = |HistoryFault { line, column, code, message }| HistoryFaultView { line, column, code, message };
        Self {
            id: import.id,
            file_name: import.file_name.clone(),
            file_bytes: import.file_bytes,
            tz: import.time_zone.clone(),
            status: import.status,
            progress: HistoryProgressView {
                rows_done: import.rows_done,
                accepted: import.accepted,
                duplicates: import.duplicates,
                rejected: import.rejected,
            },
            faults: import.faults().into_iter().map(fault).collect(),
            reason: import.reason.clone(),
            created_at: import.created_at,
            updated_at: import.updated_at,
            finished_at: import.finished_at,
        }
    }
}

impl Sample for HistoryImportView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            file_name: Some("history-2025.csv".into()),
            file_bytes: 48_211,
            tz: "Asia/Seoul".into(),
            status: HistoryStatus::CompletedWithErrors,
            progress: HistoryProgressView { rows_done: 500, accepted: 498, duplicates: 1, rejected: 1 },
            faults: vec![HistoryFaultView {
                line: 17,
                column: Some("object".into()),
                code: "not_found".into(),
                message: "no course, lesson or item has the key \"en-b1/99\"".into(),
            }],
            reason: None,
            created_at: sample::time(),
            updated_at: sample::time(),
            finished_at: Some(sample::time()),
        }
    }
}
