//! Registered receivers and what is owed to them.
//!
//! Not here: how a receiver wants it said (`stoa_protocols::webhook`), the sending (`stoa-actors`), and when (`stoa-jobs`).
//!
//! Players: [`Webhook`], a receiver; [`Delivery`], one event owed to it; [`Attempt`], one try. [`fan_out`] turns
//! events into deliveries, [`due()`] loads deliveries for another try, [`settle()`] writes down what came of a try.

mod commands;
mod due;
mod fanout;
mod notice;
mod outgoing;
mod queries;
mod rows;
mod settle;
pub mod target;

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_protocols::webhook::{DialectName, RetryPolicy};

pub use commands::{NewWebhook, ScopeKeys, WebhookChange, create, delete, redeliver, update};
pub use due::{due, pending_of};
pub use fanout::{FanOut, fan_out, overdue};
pub use notice::{DisabledNotice, Reader, disabled_notice};
pub use outgoing::{Outgoing, Receiver, TestDelivery, test_delivery};
pub use queries::{DeliveryFilter, get_delivery, get_webhook, list_deliveries, list_webhooks};
pub use settle::{Disabled, Next, Settlement, exhaust, settle};

use crate::id::{self, Id};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them, in the order in which an error lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or(())
            }
        }
    };
}

words! {
    /// Whether a receiver is attempted.
    WebhookStatus {
        /// Waits for approval; attempted once approved.
        PendingApproval = "pending_approval",
        /// Attempted.
        Enabled = "enabled",
        /// Not attempted; what happens meanwhile is kept and sent on resuming.
        Paused = "paused",
        /// Switched off by a person; what happens meanwhile is not owed.
        DisabledByUser = "disabled_by_user",
        /// Switched off by the server: the receiver said 410, or failed too long.
        DisabledFailing = "disabled_failing",
    }
}

words! {
    /// What became of a delivery.
    DeliveryStatus {
        /// Owed, not attempted yet.
        Pending = "pending",
        /// Attempted without success, will be again.
        Retrying = "retrying",
        /// Received.
        Succeeded = "succeeded",
        /// Attempted as often as the policy says, without success. Can be redelivered.
        Exhausted = "exhausted",
        /// Not owed any more: the webhook was deleted or disabled.
        Cancelled = "cancelled",
    }
}

/// A registered receiver.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// `whk_…`
    pub id: Id<id::Webhook>,
    /// Where deliveries go, normalised.
    pub url: String,
    /// Other addresses by event type, or by its part before the dot.
    pub urls: std::collections::BTreeMap<String, String>,
    /// The institution's own words.
    pub description: String,
    /// Event types subscribed to, in the dialect's names; `*` means all that the dialect speaks.
    pub events: Vec<String>,
    /// Courses, lessons and items that it is limited to; none means all.
    pub scope: Option<Vec<ScopeId>>,
    /// How it wants to be spoken to.
    pub dialect: DialectName,
    /// Pinned version of a dialect that has versions.
    pub api_version: Option<String>,
    /// Last four characters of the secret; none where there is none.
    pub secret_hint: Option<String>,
    /// Retry schedule.
    pub retry_policy: RetryPolicy,
    /// Whether it is attempted.
    pub status: WebhookStatus,
    /// Why, where the server decided.
    pub status_reason: Option<String>,
    /// First failure since the last success.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An object that a subscription is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeId {
    /// A course and all that happens in it.
    Course(Id<id::Course>),
    /// A lesson and all that happens in it.
    Lesson(Id<id::Lesson>),
    /// An item.
    Item(Id<id::Item>),
}

impl fmt::Display for ScopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Course(id) => id.fmt(f),
            Self::Lesson(id) => id.fmt(f),
            Self::Item(id) => id.fmt(f),
        }
    }
}

/// One event owed to one receiver, and its attempts.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// `dlv_…`
    pub id: Id<id::Delivery>,
    /// The receiver.
    pub webhook_id: Id<id::Webhook>,
    /// The event.
    pub event_id: Id<id::Event>,
    /// Its type.
    pub event_type: String,
    /// Where it goes.
    pub url: String,
    /// Asked for by a person.
    pub test: bool,
    /// What became of it.
    pub status: DeliveryStatus,
    /// Attempts so far.
    pub attempt_count: i32,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// When it was owed.
    pub created_at: DateTime<Utc>,
    /// When the next attempt is due.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Request that caused the event.
    pub request_id: Option<String>,
    /// The bytes that are sent, where one delivery is asked for.
    pub body: Option<String>,
}

/// One try.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// From 1.
    pub attempt: i32,
    /// When the request began.
    pub started_at: DateTime<Utc>,
    /// Until the verdict.
    pub duration_ms: i32,
    /// Status of the answer.
    pub http_status: Option<i32>,
    /// Class of the failure.
    pub error: Option<String>,
    /// First KiB of the answer.
    pub response: Option<String>,
    /// Address that was connected to.
    pub address: Option<String>,
}

/// Where a webhook's secret is sealed to.
pub(crate) fn secret_place(webhook: Id<id::Webhook>) -> String {
    format!("webhook:{webhook}")
}
