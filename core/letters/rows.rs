//! The rows of letters.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::LetterStatus;
use crate::id::{self, Id};

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Letter {
    /// `ltr_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Letter>,
    /// Which letter.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// The member that it goes to.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<Id<id::User>>,
    /// The address, masked.
    #[diesel(sql_type = Text)]
    pub recipient: String,
    #[diesel(sql_type = Binary)]
    pub(crate) address_hash: Vec<u8>,
    /// Language of all of it.
    #[diesel(sql_type = Text)]
    pub language: String,
    /// What became of it.
    #[diesel(sql_type = Text)]
    pub status: LetterStatus,
    /// How often it was tried.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    /// What a mail server said last against it.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
    /// When it was promised.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When the mail server took it.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sent_at: Option<DateTime<Utc>>,
    /// When it came back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub bounced_at: Option<DateTime<Utc>>,
    /// Since when its address is suspended, if it is now.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub suspended_at: Option<DateTime<Utc>>,
}

/// An address that nothing is sent to.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Suspension {
    /// Whose address it is.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// The letter that came back.
    #[diesel(sql_type = SqlUuid)]
    pub letter_id: Id<id::Letter>,
    /// What the mail server said.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Since when.
    #[diesel(sql_type = Timestamptz)]
    pub suspended_at: DateTime<Utc>,
}

/// Columns of a [`Letter`], of letters `l` and its suspension `s`.
macro_rules! letter_columns {
    () => {
        "l.id, l.kind, l.user_id, l.recipient, l.address_hash, l.language, l.status, l.attempts, l.last_error,
         l.created_at, l.sent_at, l.bounced_at, s.suspended_at"
    };
}
pub(super) use letter_columns;
