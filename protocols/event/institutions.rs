//! What events say of the institution itself, as its life goes on.
//!
//! Not here: whose the event is, which every envelope tells.
//!
//! # Source
//! Ours.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant;

/// Where the contract with the institution is, after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LifecycleFacts {
    /// `trial`, `active`, `suspended` or `closing`.
    pub status: String,
    /// What it was before.
    pub previous_status: String,
    /// Why, by whoever changed it.
    pub reason: String,
    /// While it closes: not before this time everything is erased.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "instant::serialize_option")]
    pub erase_after: Option<DateTime<Utc>>,
}
