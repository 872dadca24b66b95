//! What events say of subscriptions that the platform's support made, and of requests for them.
//!
//! Not here: when they are recorded (`stoa-core`, `subscription_requests`).
//!
//! # Source
//! Ours. Teachbase subscribes a receiver by a letter to its support (help.teachbase.ru,
//! managers/api-and-integrations/04): types, courses, quizzes and the like or all, and an address for each type.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request for subscriptions and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscriptionRequestFacts {
    /// `srq_…`
    pub id: String,
    /// The institution's own key.
    pub external_id: Option<String>,
    /// How the receivers want to be spoken to.
    pub dialect: String,
    /// `approved`, also where only a part was, `rejected` or `expired`.
    pub status: String,
    /// Why it was filed.
    pub reason: String,
    /// Why it was decided so; null where there was nothing to explain.
    pub decision: Option<String>,
    /// What was requested, each with its outcome.
    pub items: Vec<SubscriptionRequestItemFacts>,
}

/// One receiver of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscriptionRequestItemFacts {
    /// From 1, as it was filed.
    pub number: i32,
    /// Where deliveries are to go.
    pub url: String,
    /// Event types, in the dialect's names.
    pub events: Vec<String>,
    /// Courses, lessons and items that it is limited to; null means all.
    pub scope: Option<Vec<String>>,
    /// `approved`, `partly_approved`, `rejected` or `pending`.
    pub outcome: String,
    /// Of the types, those that were approved.
    pub approved_events: Vec<String>,
    /// `whk_…` of the receiver, where something was approved.
    pub webhook_id: Option<String>,
    /// `sub_…` of the subscription, where something was approved.
    pub subscription_id: Option<String>,
}

/// A subscription that support made or ended on the institution's behalf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscriptionFacts {
    /// `sub_…`
    pub id: String,
    /// `whk_…` of the receiver.
    pub webhook_id: String,
    /// Where deliveries go.
    pub url: String,
    /// How the receiver is spoken to.
    pub dialect: String,
    /// Event types, in the dialect's names.
    pub events: Vec<String>,
    /// Courses, lessons and items that it is limited to; null means all.
    pub scope: Option<Vec<String>>,
    /// Who of the staff did it.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}
