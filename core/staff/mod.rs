//! The platform's staff: people who act on behalf of institutions and belong to none.
//!
//! Not here: what they do (`subscription_requests`, `webhooks`), and how a request carries their token (the edge).
//!
//! A member of the staff has one token, made on the command line of the server, so that nobody becomes one over the
//! network. Whoever has set up a second factor works in sessions: the token and a one-time password open one for some
//! hours, and the token alone opens nothing but that. There is no password: the token is one that cannot be guessed.
//! What they do for an institution is done inside its wall, in their name, and stands in its audit log; what they do to
//! their own accounts stands in a log of the staff.

mod commands;
mod queries;
pub mod second_factor;
mod sessions;
mod token;

use std::{str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use commands::{Hired, NewStaff, hire, reset_second_factor, revoke};
pub use queries::{Verified, list, verify};
pub use sessions::{From, LogLine, Opened, end_sessions, forget_sessions, log, note, open_session};
pub use token::{StaffToken, StaffTokenKind};

use crate::{
    db::word_column,
    id::{self, Id},
    tokens::TokenStatus,
};

word_column!(StaffRole);

/// Names what a member of the staff may do. An operator may all that the others may; these each keep to their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// Brings institutions and looks after those alone.
    Reseller,
    /// Helps institutions: decides their requests and subscribes them.
    Support,
    /// Keeps the platform, its staff included.
    Operator,
}

impl StaffRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reseller, Self::Support, Self::Operator];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reseller => "reseller",
            Self::Support => "support",
            Self::Operator => "operator",
        }
    }

    /// May do what somebody of another role may.
    pub fn covers(self, other: Self) -> bool {
        self == other || self == Self::Operator
    }
}

impl FromStr for StaffRole {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(())
    }
}

/// Somebody of the staff, without the token.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Member {
    /// `stf_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Staff>,
    /// Address.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Shown to the institutions that the person acted for.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What the person may do.
    #[diesel(sql_type = Text)]
    pub role: StaffRole,
    /// Last letters of the token.
    #[diesel(sql_type = Text)]
    pub last4: String,
    /// When the token was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When the token stops working; none means never.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Last use, to the minute.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// When the token was revoked.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Member {
    /// Where the token is in its life.
    pub fn status(&self, now: DateTime<Utc>) -> TokenStatus {
        TokenStatus::at(now, self.expires_at, self.revoked_at)
    }

    /// The name, to travel with what the person does.
    pub fn name(&self) -> Arc<str> {
        self.name.as_str().into()
    }
}
