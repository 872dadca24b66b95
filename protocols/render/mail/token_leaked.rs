//! Tells the owners and the maker of a token that it was found in the open and revoked.
//!
//! # Source
//! docs.github.com, "Secret scanning partner program": the service that issued a secret revokes it and tells its user.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct TokenLeaked {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose token it was.
    pub institution_name: String,
    /// Given by its maker; of a session, the device.
    pub token_name: String,
    /// Its last letters.
    pub last4: String,
    /// Whose it was.
    pub kind: LeakedKind,
    /// When it was revoked.
    pub revoked_at: DateTime<Utc>,
    /// Last use, if there was one.
    pub last_used_at: Option<DateTime<Utc>>,
    /// What was done by it, in the API.
    pub audit_url: String,
}

/// Whose a token was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakedKind {
    /// An integration's.
    Integration,
    /// An application's, for a few hours.
    Application,
    /// A person's session.
    Session,
}

impl Mail for TokenLeaked {
    const NAME: &'static str = "token_leaked";

    fn samples() -> Vec<Self> {
        let revoked_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_778);
        let one = Self {
            recipient_name: "Ольга Иванова".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            token_name: "Warehouse \"sync\"".to_owned(),
            last4: "7q2x".to_owned(),
            kind: LeakedKind::Integration,
            revoked_at,
            last_used_at: Some(revoked_at - TimeDelta::hours(3)),
            audit_url: "https://stoa.example.com/api/audit-log?actor=tok_01m7ynayrbe2v8k4t6h9w3n5qa".to_owned(),
        };
        let application = Self { kind: LeakedKind::Application, last_used_at: None, ..one.clone() };
        vec![one.clone(), application, Self { kind: LeakedKind::Session, ..one }]
    }
}
