//! Bearer tokens: sessions of people, tokens of integrations that belong to the institution, and the short-lived
//! ones that applications take.
//!
//! Not here: passwords (`auth`), secrets of applications (`applications`), and how a request carries a token (the edge).
//!
//! Of a token only its SHA-256 is kept: it has 160 random bits, so a slow hash would protect nothing. It is looked
//! up in the institution that it names and nowhere else.

mod allow_list;
mod announce;
mod bounds;
mod commands;
mod edit;
mod expiring;
mod leaked;
mod limits;
mod listing;
mod notice;
mod queries;
mod refusals;
mod revoke;
mod rotate;
mod rows;
mod sessions;
mod text;
mod touches;

pub use allow_list::AllowList;
use chrono::{DateTime, TimeDelta, Utc};
pub(crate) use commands::in_order;
pub use commands::{Grant, Issued, NewToken, create, grant, open_session};
pub use edit::{TokenChange, edit};
pub use expiring::tell_of_expiring;
pub use leaked::{Report, report_leaked};
pub use limits::{Quota, RateClass, RequestLimits};
pub use listing::{TokenFilter, get, list};
pub use notice::{TokenNotice, token_notice};
pub use queries::{verify, verify_again};
pub use revoke::{forget_ended, revoke, revoke_of_application};
pub use rotate::{Rotation, rotate};
pub use rows::{Token, Verified};
pub(crate) use sessions::end_sessions_of;
pub use sessions::{end_session, end_sessions, sessions};
pub use text::TokenText;
pub(crate) use text::letter;
pub(crate) use text::{has_checksum, is_letters, with_checksum};
pub use touches::Touches;

/// A token says that it is expiring this long before it does.
const EXPIRING: TimeDelta = TimeDelta::days(14);

crate::words! {
    /// Names whose a token is.
    TokenKind {
        /// A person's, from a sign-in.
        Session = "session",
        /// The institution's.
        Integration = "integration",
        /// An application's, for a few hours.
        Application = "application",
    }
}

crate::words! {
    /// Names where a token is in its life.
    TokenStatus {
        /// Works.
        Active = "active",
        /// Works, for less than fourteen days more.
        Expiring = "expiring",
        /// Has expired.
        Expired = "expired",
        /// Was revoked.
        Revoked = "revoked",
    }
}

crate::words! {
    /// Names why somebody should look at a token that works.
    TokenFlag {
        /// Was not used for more than ninety days.
        Unused = "unused",
        /// May do all there is, or for a month and longer something that it never did.
        OverBroad = "over_broad",
        /// Works for less than fourteen days more.
        Expiring = "expiring",
    }
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
