//! What events say of a membership, and of the seats that memberships fill.
//!
//! Not here: the person, which is a part of its own (`payload`).
//!
//! # Source
//! Ours. Seats are told apart as Busuu for business does (business.busuu.com/home-admin/faq): in use, and kept for
//! whoever has not accepted yet.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person is in the institution, after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberFacts {
    /// Role.
    pub role: String,
    /// `invited`, `active`, `deactivated` or `removed`.
    pub status: String,
    /// By which way the person came: `manual`, `csv`, `invitation`, `scim`, `lti`, `sso` or `operator`.
    pub provisioned_by: String,
    /// Fields that the change was of, by their names; empty where it was of none, as when somebody joins.
    #[serde(default)]
    pub changed: Vec<String>,
}

/// How full an institution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeatsFacts {
    /// Seats that there are.
    pub total: i64,
    /// Of active members.
    pub in_use: i64,
    /// Of people who were invited and have not accepted yet.
    pub pending_invite: i64,
}
