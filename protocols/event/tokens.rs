//! What events say of a token.
//!
//! Not here: the token itself, which nothing but the answer that made it ever says.
//!
//! # Source
//! Ours; the fields are those of GitHub's audit events of personal access tokens, docs.github.com, in our words.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant;

/// A token of an integration or of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenFacts {
    /// `tok_…`
    pub id: String,
    /// `integration`, `application` or `session`.
    pub kind: String,
    /// Given by its maker.
    pub name: String,
    /// Its last four letters, to tell it from others.
    pub last4: String,
    /// What it may do.
    pub abilities: Vec<String>,
    /// `usr_…` of its maker; null when a token or the server made it.
    pub created_by: Option<String>,
    /// When it stops working; null means never.
    #[serde(serialize_with = "instant::serialize_option")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Why it was revoked: `revoked` by somebody, or `leaked` when it was found in the open; absent while it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
