//! What operational events say of a receiver and of a delivery.
//!
//! Not here: when they are recorded (`stoa-core`, `webhooks`).
//!
//! # Source
//! Ours; the operational webhooks of Svix (docs.svix.com, "Operational Webhooks") tell the same three things.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant;

/// A receiver and how it fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookFacts {
    /// `whk_…`
    pub id: String,
    /// Where deliveries go.
    pub url: String,
    /// First failure since the last success; null if it had not been failing.
    #[serde(serialize_with = "instant::serialize_option")]
    pub failing_since: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub failed_attempts: i32,
    /// What was the matter with the latest of them, in words.
    pub last_error: Option<String>,
    /// When the server will switch it off unless it receives something before; null while that is far.
    #[serde(serialize_with = "instant::serialize_option")]
    pub disables_at: Option<DateTime<Utc>>,
}

/// A delivery that was given up. It stays in the log and can be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryFacts {
    /// `dlv_…`
    pub id: String,
    /// `evt_…` of the event that was not received.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// Attempts made.
    pub attempts: i32,
    /// What was the matter with the last one, in words; null if none was made.
    pub last_error: Option<String>,
}
