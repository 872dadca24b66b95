//! Tokens as answers show them.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Id,
    id::{self, User},
    tokens::{Issued, Token, TokenFlag, TokenStatus},
};

use crate::doors::{Sample, sample};

/// A token, without the token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Token")]
pub(super) struct TokenView {
    /// Id.
    id: Id<id::Token>,
    /// Given by its maker.
    name: String,
    /// How it begins.
    prefix: &'static str,
    /// Its last four letters.
    last4: String,
    /// What it may do.
    abilities: Vec<String>,
    /// Of them, what it was never used for.
    unused_abilities: Vec<String>,
    /// Networks that it may be used from; empty means anywhere.
    ip_allowlist: Vec<String>,
    /// The only courses that there are for its holder; null means all.
    course_ids: Option<Vec<Id<id::Course>>>,
    /// Who made it; null when a token or the server did.
    created_by: Option<Id<User>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Last use, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// Address of the last use.
    last_used_ip: Option<String>,
    /// When it stops working; null means never.
    expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// When somebody reported that it lies in the open, for which it was revoked.
    leaked_at: Option<DateTime<Utc>>,
    /// The token that it was made in place of.
    replaces_id: Option<Id<id::Token>>,
    /// The token that was made in its place.
    replaced_by_id: Option<Id<id::Token>>,
    /// Until when it works beside the token that was made in its place; null where there is none.
    overlap_until: Option<DateTime<Utc>>,
    /// Where it is in its life.
    status: TokenStatus,
    /// Why somebody should look at it.
    flags: Vec<TokenFlag>,
}

/// A token just made, shown this once.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IssuedToken")]
pub(super) struct IssuedView {
    /// The token itself. Keep it: it is not shown again.
    token: String,
    #[serde(flatten)]
    kept: TokenView,
}

/// A token just made in place of another, shown this once, and what becomes of the other.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RotatedToken")]
pub(super) struct RotatedView {
    #[serde(flatten)]
    pub(super) issued: IssuedView,
    /// The token that it was made in place of.
    pub(super) replaced: TokenView,
}

impl TokenView {
    pub(super) fn of(token: Token, now: DateTime<Utc>) -> Self {
        Self {
            status: token.status(now),
            flags: token.flags(now),
            prefix: token.prefix(),
            unused_abilities: token.unused_abilities(),
            course_ids: token.courses(),
            overlap_until: token.overlap_until(),
            id: token.id,
            name: token.name,
            last4: token.last4,
            abilities: token.abilities,
            ip_allowlist: token.ip_allowlist,
            created_by: token.created_by,
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            last_used_ip: token.last_used_ip,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            leaked_at: token.leaked_at,
            replaces_id: token.replaces,
            replaced_by_id: token.replaced_by,
        }
    }
}

impl IssuedView {
    pub(super) fn of(Issued { token, text }: Issued, now: DateTime<Utc>) -> Self {
        Self { token: text.expose().to_owned(), kept: TokenView::of(token, now) }
    }
}

impl Sample for TokenView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            name: "Warehouse sync".into(),
            prefix: "stoa_i_",
            last4: "7q2x".into(),
            abilities: vec!["content:read".into(), "progress:read".into()],
            unused_abilities: vec!["content:read".into()],
            ip_allowlist: vec!["203.0.113.0/24".into()],
            course_ids: None,
            created_by: Some(sample::id()),
            created_at: sample::time(),
            last_used_at: None,
            last_used_ip: None,
            expires_at: None,
            revoked_at: None,
            leaked_at: None,
            replaces_id: None,
            replaced_by_id: None,
            overlap_until: None,
            status: TokenStatus::Active,
            flags: Vec::new(),
        }
    }
}

impl Sample for IssuedView {
    fn sample() -> Self {
        Self { token: sample::TOKEN.into(), kept: TokenView::sample() }
    }
}

impl Sample for RotatedView {
    fn sample() -> Self {
        let mut replaced = TokenView::sample();
        replaced.replaced_by_id = Some(sample::id());
        replaced.overlap_until = Some(sample::time() + chrono::TimeDelta::hours(24));
        replaced.expires_at = replaced.overlap_until;
        replaced.status = TokenStatus::Expiring;
        replaced.flags = vec![TokenFlag::Expiring];
        let mut issued = IssuedView::sample();
        issued.kept.replaces_id = Some(sample::id());
        Self { issued, replaced }
    }
}
