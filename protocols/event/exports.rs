//! What events say of a file made of the record.
//!
//! Not here: the file, which is fetched where the download is.
//!
//! # Source
//! Ours. The figures are those of Stripe's report runs, docs.stripe.com, "Report run object", in our words.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant;

/// A file made of the record, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportFacts {
    /// `exp_…`
    pub id: String,
    /// What its rows are: `learner_progress`, `completions`, `activity`, `members`, `deliveries`, `audit` or `cefr`.
    #[serde(rename = "type")]
    pub export_type: String,
    /// `completed`, `failed` or `expired`.
    pub status: String,
    /// `csv`, `jsonl` or `parquet`.
    pub format: String,
    /// The moment that it shows; null where it never came to that.
    #[serde(serialize_with = "instant::serialize_option")]
    pub as_of: Option<DateTime<Utc>>,
    /// Rows in it; null where there is no whole file.
    pub row_count: Option<i64>,
    /// Length of the file; null where there is no whole file.
    pub size_bytes: Option<i64>,
    /// SHA-256 of the file, in hexadecimal; null where there is no whole file.
    pub sha256: Option<String>,
    /// What an export of what changed since begins with; null where there is no whole file.
    pub next_since: Option<String>,
    /// When the file is deleted, or was.
    #[serde(serialize_with = "instant::serialize_option")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Why it failed, a code; null where it did not.
    pub reason: Option<String>,
}
