//! Bearer tokens: sessions of people, tokens of integrations that belong to the institution, and the short-lived
//! ones that applications take.
//!
//! Not here: passwords (`auth`), secrets of applications (`applications`), and how a request carries a token (the edge).
//!
//! Of a token only its SHA-256 is kept: it has 160 random bits, so a slow hash would protect nothing. It is looked
//! up in the institution that it names and nowhere else.

mod commands;
mod queries;
mod rows;
mod sessions;
mod text;
mod touches;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use commands::in_order;
pub use commands::{Grant, Issued, NewToken, create, forget_ended, grant, open_session, revoke, revoke_of_application};
pub use queries::{list, verify};
pub use rows::{Token, Verified};
pub use sessions::{end_session, end_sessions, sessions};
pub use text::TokenText;
pub(crate) use text::letter;
pub(crate) use text::{has_checksum, is_letters, with_checksum};
pub use touches::Touches;

/// A token says that it is expiring this long before it does.
const EXPIRING: TimeDelta = TimeDelta::days(14);

/// Names whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A person's, from a sign-in.
    Session,
    /// The institution's.
    Integration,
    /// An application's, for a few hours.
    Application,
}

impl TokenKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Session, Self::Integration, Self::Application];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Integration => "integration",
            Self::Application => "application",
        }
    }
}

/// Names where a token is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenStatus {
    /// Works.
    Active,
    /// Works, for less than fourteen days more.
    Expiring,
    /// Has expired.
    Expired,
    /// Was revoked.
    Revoked,
}

impl TokenStatus {
    /// What the two times make of a token.
    pub fn at(now: DateTime<Utc>, expires_at: Option<DateTime<Utc>>, revoked_at: Option<DateTime<Utc>>) -> Self {
        match (revoked_at, expires_at) {
            (Some(_), _) => Self::Revoked,
            (None, Some(end)) if end <= now => Self::Expired,
            (None, Some(end)) if end <= now + EXPIRING => Self::Expiring,
            (None, _) => Self::Active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_follows_the_times() {
        let now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().unwrap();
        let at = |expires: Option<i64>, revoked| {
            TokenStatus::at(now, expires.map(|days| now + TimeDelta::days(days)), Some(now).filter(|_| revoked))
        };
        assert_eq!(at(None, false), TokenStatus::Active);
        assert_eq!(at(Some(15), false), TokenStatus::Active);
        assert_eq!(at(Some(14), false), TokenStatus::Expiring);
        assert_eq!(at(Some(0), false), TokenStatus::Expired);
        assert_eq!(at(Some(0), true), TokenStatus::Revoked);
    }
}
