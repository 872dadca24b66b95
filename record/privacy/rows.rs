//! An erasure as its row is.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde_json::Value;
use stoa_core::{Id, id, words};

words! {
    /// Names where an erasure is.
    ErasureStatus {
        /// The person asked; nobody of the institution has answered.
        Requested = "requested",
        /// It shall be, and can still be cancelled.
        Scheduled = "scheduled",
        /// It is being done, and cannot be undone.
        Running = "running",
        /// Nothing is left.
        Completed = "completed",
        /// It was called off.
        Cancelled = "cancelled",
    }
}

/// An erasure.
#[derive(Debug, Clone, QueryableByName)]
pub struct Erasure {
    /// `ers_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Erasure>,
    /// Who is erased.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// Where it is.
    #[diesel(sql_type = Text)]
    pub status: ErasureStatus,
    /// Why, by whoever asked.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Counts the changes that events told.
    #[diesel(sql_type = Integer)]
    pub revision: i32,
    /// The person who asked; none where a token or the staff did.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub requested_by: Option<Id<id::User>>,
    /// When it was asked for.
    #[diesel(sql_type = Timestamptz)]
    pub requested_at: DateTime<Utc>,
    /// Until when it should be done.
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    /// The person who said that it shall be; none where a token or the staff did.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub confirmed_by: Option<Id<id::User>>,
    /// When that was.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Until then it can be cancelled.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub erase_after: Option<DateTime<Utc>>,
    /// Membership before.
    #[diesel(sql_type = Nullable<Text>)]
    pub status_before: Option<String>,
    /// When the erasing began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    /// When nothing was left.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub completed_at: Option<DateTime<Utc>>,
    /// What was erased and what was kept.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub receipt: Option<Value>,
    /// SHA-256 of the receipt as canonical JSON, in hexadecimal.
    #[diesel(sql_type = Nullable<Text>)]
    pub receipt_sha256: Option<String>,
    /// When it was called off.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub cancelled_at: Option<DateTime<Utc>>,
    /// A legal hold stands against it.
    #[diesel(sql_type = Bool)]
    pub held: bool,
}

/// The columns of an erasure, of a table or a statement called `e`.
macro_rules! erasure_columns {
    () => {
        "e.id, e.user_id, e.status, e.reason, e.revision, e.requested_by, e.requested_at, e.due_at, e.confirmed_by,
         e.confirmed_at, e.erase_after, e.status_before, e.started_at, e.completed_at, e.receipt, e.receipt_sha256,
         e.cancelled_at, e.status IN ('requested', 'scheduled') AND EXISTS (SELECT FROM legal_holds h
           WHERE h.tenant_id = e.tenant_id AND h.user_id = e.user_id) AS held"
    };
}
pub(super) use erasure_columns;
