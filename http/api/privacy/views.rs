//! Erasures and holds as they are shown.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use stoa_core::{Id, id};
use stoa_record::privacy::{Erasure, ErasureStatus, LegalHold, RECEIPT_FORMAT};

use crate::doors::{Sample, sample};

/// The erasing of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Erasure")]
pub(super) struct ErasureView {
    /// Id.
    id: Id<id::Erasure>,
    /// Who is erased.
    user_id: Id<id::User>,
    /// Where it is.
    status: ErasureStatus,
    /// A legal hold stands against it.
    blocked: bool,
    /// Why, by whoever asked.
    reason: String,
    /// When it was asked for.
    requested_at: DateTime<Utc>,
    /// The person who asked; null where a token or the staff did.
    requested_by: Option<Id<id::User>>,
    /// Until when it should be done.
    due_at: DateTime<Utc>,
    /// When somebody of the institution said that it shall be.
    confirmed_at: Option<DateTime<Utc>>,
    /// The person who said so; null where a token or the staff did.
    confirmed_by: Option<Id<id::User>>,
    /// Until then it can be cancelled.
    erase_after: Option<DateTime<Utc>>,
    /// When the erasing began.
    started_at: Option<DateTime<Utc>>,
    /// When nothing was left.
    completed_at: Option<DateTime<Utc>>,
    /// When it was called off.
    cancelled_at: Option<DateTime<Utc>>,
    /// What was erased, table by table, what was kept and why; null until it is completed.
    receipt: Option<Value>,
    /// SHA-256 of the receipt as canonical JSON (RFC 8785), in hexadecimal.
    receipt_sha256: Option<String>,
}

impl ErasureView {
    pub(super) fn of(erasure: Erasure) -> Self {
        Self {
            id: erasure.id,
            user_id: erasure.user_id,
            status: erasure.status,
            blocked: erasure.held,
            reason: erasure.reason,
            requested_at: erasure.requested_at,
            requested_by: erasure.requested_by,
            due_at: erasure.due_at,
            confirmed_at: erasure.confirmed_at,
            confirmed_by: erasure.confirmed_by,
            erase_after: erasure.erase_after,
            started_at: erasure.started_at,
            completed_at: erasure.completed_at,
            cancelled_at: erasure.cancelled_at,
            receipt: erasure.receipt,
            receipt_sha256: erasure.receipt_sha256,
        }
    }
}

/// A legal hold.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LegalHold")]
pub(super) struct HoldView {
    /// Who may not be erased.
    user_id: Id<id::User>,
    /// Why.
    reason: String,
    /// The person who placed it; null where a token or the staff did.
    placed_by: Option<Id<id::User>>,
    /// Since when.
    placed_at: DateTime<Utc>,
}

impl HoldView {
    pub(super) fn of(hold: LegalHold) -> Self {
        let LegalHold { user_id, reason, placed_by, placed_at } = hold;
        Self { user_id, reason, placed_by, placed_at }
    }
}

impl Sample for ErasureView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            user_id: sample::id(),
            status: ErasureStatus::Completed,
            blocked: false,
            reason: "Asked by letter of 12 November".into(),
            requested_at: sample::time(),
            requested_by: None,
            due_at: sample::time(),
            confirmed_at: Some(sample::time()),
            confirmed_by: Some(sample::id()),
            erase_after: Some(sample::time()),
            started_at: Some(sample::time()),
            completed_at: Some(sample::time()),
            cancelled_at: None,
            receipt: Some(json!({
                "format": RECEIPT_FORMAT,
                "erased": [{ "table": "letters", "rows": 4, "what": "deleted" }],
                "kept": [{ "table": "standings", "why": "what the institution counted stays true" }],
                "goes_by_itself": [{ "what": "backups of the database and of the folder of files", "when": "with their retention" }],
            })),
            receipt_sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
        }
    }
}

impl Sample for HoldView {
    fn sample() -> Self {
        Self {
            user_id: sample::id(),
            reason: "Case 2026-118".into(),
            placed_by: Some(sample::id()),
            placed_at: sample::time(),
        }
    }
}
