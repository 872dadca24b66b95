//! An export as the API shows it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, id};
use stoa_protocols::table::{Column, Delimiter, Format, Kind};
use stoa_record::exports::{Export, ExportStatus, ExportType, Failure, Filters, Place};

use crate::doors::{Sample, sample};

/// A file of the record: what was asked for, how far it is, what it is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Export")]
pub(super) struct ExportView {
    id: Id<id::Export>,
    /// What its rows are.
    #[serde(rename = "type")]
    export_type: ExportType,
    /// Where it is in its life.
    status: ExportStatus,
    /// How far it is.
    progress: ProgressView,
    /// Form of the file.
    format: Format,
    /// Packed by gzip.
    gzip: bool,
    /// Its columns, in order.
    columns: Vec<Column>,
    /// What is in it.
    filters: Filters,
    /// IANA zone in which its times are told.
    tz: String,
    /// Of a CSV: whose spreadsheets it is for; null where it is for programs.
    locale: Option<String>,
    /// Of a CSV: what stands between two cells; null of other forms.
    delimiter: Option<Delimiter>,
    /// It tells what was written since; null where it tells all there is.
    since: Option<String>,
    /// What an export of what is written since begins with; null before it is whole.
    next_since: Option<String>,
    /// The moment that it shows; null before that came.
    as_of: Option<DateTime<Utc>>,
    /// Rows of the file, its header not counted; null before it is whole.
    row_count: Option<i64>,
    /// Length of the file; null before it is whole.
    size_bytes: Option<i64>,
    /// SHA-256 of the file, in hexadecimal; null before it is whole.
    sha256: Option<String>,
    /// Why it failed; null where it did not.
    error: Option<FailureView>,
    /// Who asked for it: a person or a token; null for the server.
    created_by: Option<String>,
    /// How often its download was begun.
    download_count: i32,
    created_at: DateTime<Utc>,
    /// When its making began; of a later attempt, when that did.
    started_at: Option<DateTime<Utc>>,
    /// When it ended, in whatever way.
    finished_at: Option<DateTime<Utc>>,
    /// When its file is deleted; null before it is whole.
    expires_at: Option<DateTime<Utc>>,
}

/// How far an export is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportProgress")]
struct ProgressView {
    /// Rows written.
    rows_done: i64,
    /// Of how many, as they were counted; null where nobody knows yet, or counting took too long.
    rows_total: Option<i64>,
}

/// Why an export failed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ExportError")]
struct FailureView {
    /// Stable word: `maker_gone`, `ability_missing`, `upstream_unavailable`, …
    code: String,
    /// In words.
    message: String,
}

impl ExportView {
    pub(super) fn of(export: &Export) -> Self {
        let wanted = export.wanted().unwrap_or_default();
        let export_type = export.export_type;
        let since = wanted.since.map(|horizon| Place { export_type, horizon }.to_string());
        Self {
            id: export.id,
            export_type,
            status: export.status,
            progress: ProgressView { rows_done: export.rows_done, rows_total: export.rows_total },
            format: wanted.format,
            gzip: wanted.gzip,
            columns: wanted.columns(export_type),
            delimiter: (wanted.format == Format::Csv).then_some(wanted.delimiter),
            filters: wanted.filters,
            tz: wanted.zone,
            locale: wanted.locale,
            since,
            next_since: export.next_since(),
            as_of: export.as_of,
            row_count: export.row_count(),
            size_bytes: export.size_bytes,
            sha256: export.sha256.clone(),
            error: export.failure().map(FailureView::from),
            created_by: export.maker_id(),
            download_count: export.downloads,
            created_at: export.created_at,
            started_at: export.started_at,
            finished_at: export.finished_at,
            expires_at: export.expires_at,
        }
    }

    pub(super) fn id(&self) -> Id<id::Export> {
        self.id
    }
}

impl From<Failure> for FailureView {
    fn from(Failure { code, message }: Failure) -> Self {
        Self { code, message }
    }
}

impl Sample for ExportView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            export_type: ExportType::LearnerProgress,
            status: ExportStatus::Completed,
            progress: ProgressView { rows_done: 20_412, rows_total: Some(20_412) },
            format: Format::Csv,
            gzip: false,
            columns: vec![Column::id("user_id", "usr"), Column::new("status", Kind::Text)],
            filters: Filters::default(),
            tz: "Asia/Seoul".into(),
            locale: None,
            delimiter: Some(Delimiter::Comma),
            since: None,
            next_since: Some("learner_progress.1f3a9c".into()),
            as_of: Some(sample::time()),
            row_count: Some(20_412),
            size_bytes: Some(3_918_204),
            sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
            error: None,
            created_by: Some(sample::id::<id::User>().to_string()),
            download_count: 1,
            created_at: sample::time(),
            started_at: Some(sample::time()),
            finished_at: Some(sample::time()),
            expires_at: Some(sample::time()),
        }
    }
}
