//! An import as the API shows it.
//!
//! Not here: what became of each row (`report`).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use stoa_core::{
    Id, id,
    imports::{Import, ImportMode, ImportOptions, ImportStatus, Obstacle},
};
use stoa_protocols::event::MemberImportCounts;

use crate::doors::{Sample, sample};

/// A file of people, its plan, and how far it is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Import")]
pub(super) struct ImportView {
    id: Id<id::Import>,
    /// Where it is in its life.
    status: ImportStatus,
    /// Whether its plan is applied at once.
    mode: ImportMode,
    /// What was asked for.
    options: Option<ImportOptions>,
    /// As the sender calls the file.
    file_name: Option<String>,
    /// Size of the file, unpacked.
    file_bytes: i64,
    /// What was found out about the file: `encoding`, `separator`, `header_line`, `columns` with the field that each was
    /// taken for, `unknown_columns` that nobody reads; null until its header was read.
    sheet: Option<Value>,
    /// Rows by what the plan does with them; null until the plan is ready.
    plan: Option<MemberImportCounts>,
    /// Rows by what was done with them; null before anything was.
    applied: Option<MemberImportCounts>,
    /// What stands against applying the plan, or why the import ended as it did; null where nothing does.
    obstacle: Option<Obstacle>,
    /// How far it is, in reading or in applying.
    progress: ProgressView,
    /// When the plan was ready.
    planned_at: Option<DateTime<Utc>>,
    /// When applying began.
    applying_at: Option<DateTime<Utc>>,
    /// When it ended, in whatever way.
    finished_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// How far an import is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportProgress")]
struct ProgressView {
    /// Rows done.
    rows_done: i32,
    /// Of how many; null while nobody knows.
    rows_total: Option<i32>,
    /// Rows a second since it began; null before.
    rows_per_second: Option<i64>,
    /// At that rate; null when it has ended or nobody knows.
    seconds_left: Option<i64>,
}

impl ImportView {
    /// An import as it is at a time.
    pub(super) fn of(import: &Import, now: DateTime<Utc>) -> Self {
        let progress = import.progress(now);
        Self {
            id: import.id,
            status: import.status,
            mode: import.mode,
            options: import.options().ok(),
            file_name: import.file_name.clone(),
            file_bytes: import.file_bytes,
            sheet: import.sheet.clone(),
            plan: import.planned_at.map(|_| import.planned()),
            applied: import.was_begun().then(|| import.applied()),
            obstacle: import.obstacle(),
            progress: ProgressView {
                rows_done: progress.done,
                rows_total: progress.of,
                rows_per_second: progress.rows_per_second,
                seconds_left: progress.seconds_left,
            },
            planned_at: import.planned_at,
            applying_at: import.applying_at,
            finished_at: import.finished_at,
            created_at: import.created_at,
            updated_at: import.updated_at,
        }
    }
}

impl Sample for ImportView {
    fn sample() -> Self {
        let plan =
            MemberImportCounts { create: 41, update: 7, unchanged: 612, invalid: 2, ..MemberImportCounts::default() };
        let columns = [("E-mail", "email"), ("Nom", "name"), ("Classe", "groups")];
        let columns = columns.map(|(title, field)| json!({ "title": title, "field": field }));
        Self {
            id: sample::id(),
            status: ImportStatus::Applying,
            mode: ImportMode::Apply,
            options: Some(ImportOptions { mode: ImportMode::Apply, ..ImportOptions::default() }),
            file_name: Some("eleves.csv".to_owned()),
            file_bytes: 41_907,
            sheet: Some(json!({
                "encoding": "windows-1252", "separator": ";", "header_line": 1, "columns": columns,
                "unknown_columns": ["Taille"],
            })),
            plan: Some(plan),
            applied: Some(MemberImportCounts { create: 30, unchanged: 470, ..MemberImportCounts::default() }),
            obstacle: None,
            progress: ProgressView {
                rows_done: 500,
                rows_total: Some(662),
                rows_per_second: Some(250),
                seconds_left: Some(1),
            },
            planned_at: Some(sample::time()),
            applying_at: Some(sample::time()),
            finished_at: None,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
