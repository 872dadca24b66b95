#![doc = include_str!("README.md")]

mod coalesce;
mod commands;
mod due;
mod fanout;
mod health;
mod log;
mod matching;
mod notice;
mod order;
mod outgoing;
mod outlook;
mod queries;
pub mod replays;
mod request;
mod rerender;
mod rows;
mod settle;
mod skips;
pub mod subscription_requests;
mod subscriptions;
pub mod target;
mod trial;

use chrono::{DateTime, Utc};
use stoa_protocols::webhook::{DialectName, RetryPolicy, SignatureScheme};

pub use commands::{
    MASK, NewEndpoint, NewWebhook, Rotation, SecretWish, WebhookChange, add_endpoint, create, delete, endpoint_at,
    endpoint_for, forget_expired_secrets, forget_previous_secret, note_pinged, redeliver, rotate_secret, update,
};
pub use due::{Due, due, pending_of};
pub use fanout::{FanOut, fan_out, in_background, overdue};
pub use health::{Disabled, HealthRules, Stage, Told, watch};
pub use log::{DeliveryFilter, DeliveryLog, list_deliveries};
pub use notice::{Notice, notice};
pub use order::{free_all, stranded};
pub use outgoing::{Outgoing, Receiver, TestDelivery, Turn, test_delivery};
pub use outlook::{Around, Outlook};
pub use queries::{delivery_before, enabled_webhooks, get_delivery, get_webhook, list_webhooks, webhooks_after};
pub use request::USER_AGENT;
pub use settle::{Next, Settled, Settlement, exhaust, postpone, settle};
pub use skips::{Skip, SkipFilter, list_skips};
pub use subscriptions::{
    Hand, NewSubscription, Origin, ScopeId, ScopeKeys, Subscription, SubscriptionChange, change_subscription,
    get_subscription, list_subscriptions, sign_subscription, subscribe, unsubscribe,
};
pub use trial::{Trial, trial_delivery};

use stoa_core::{
    id::{self, Id, TenantId},
    words,
};

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
    /// Whose a subscription is.
    Source {
        /// The institution's own.
        Institution = "institution",
        /// Made by support; shown to the institution, changed by support alone.
        Support = "support",
        /// From a request of the institution that support approved.
        Request = "request",
    }
}

words! {
    /// Why an event was not sent to an endpoint that is subscribed to its type.
    SkipReason {
        /// No subscription reaches the object.
        Scope = "scope",
        /// The endpoint was switched off at the time.
        Disabled = "disabled",
        /// The endpoint waited for approval at the time.
        PendingApproval = "pending_approval",
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
        /// Not sent: a later state of its object was, in its place.
        Skipped = "skipped",
    }
}

words! {
    /// What happens next to a delivery.
    NextAction {
        /// It is sent at a time that is known.
        Attempt = "attempt",
        /// It waits for something else to happen.
        Wait = "wait",
        /// Nothing: it has ended.
        Nothing = "nothing",
    }
}

/// A registered receiver: an address, how it is spoken to and when; what it is told of is in its subscriptions.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// `whk_…`
    pub id: Id<id::Webhook>,
    /// Where deliveries go, normalised.
    pub url: String,
    /// The institution's own words.
    pub description: String,
    /// What it is told of, the oldest first.
    pub subscriptions: Vec<Subscription>,
    /// How it wants to be spoken to.
    pub dialect: DialectName,
    /// Pinned version of a dialect that has versions.
    pub api_version: Option<String>,
    /// Last four characters of the secret; none where there is none.
    pub secret_hint: Option<String>,
    /// How `webhook-signature` is made.
    pub signature_scheme: SignatureScheme,
    /// What a receiver verifies `v1a` with: `whpk_…`.
    pub public_key: Option<String>,
    /// When the secret before the present one stops signing; none if it has.
    pub previous_secret_until: Option<DateTime<Utc>>,
    /// Names of the headers of its own, in lower case.
    pub header_names: Vec<String>,
    /// Updates of one object within so many seconds are sent as the last of them; 0 sends each.
    pub coalesce_seconds: i32,
    /// The events of one object are sent strictly one after the other.
    pub ordered: bool,
    /// Most attempts at the same time; none means the server's own limit.
    pub max_in_flight: Option<i32>,
    /// Most attempts in a second; none means no limit.
    pub rate_per_second: Option<i32>,
    /// Retry schedule.
    pub retry_policy: RetryPolicy,
    /// Whether it is attempted.
    pub status: WebhookStatus,
    /// Why, where the server decided.
    pub status_reason: Option<String>,
    /// First failure since the last success.
    pub failing_since: Option<DateTime<Utc>>,
    /// Last test of its present address that was received.
    pub pinged_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Webhook {
    /// The institution's own subscription that was made with it, as far as it still has one: the oldest.
    pub fn own_subscription(&self) -> Option<&Subscription> {
        self.subscriptions.iter().find(|one| one.source == Source::Institution)
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
    /// The event's object.
    pub object_id: uuid::Uuid,
    /// Attempts made before the present retry window.
    pub attempts_before: i32,
    /// How often its object had changed.
    pub revision: i32,
    /// The end of the window in which a later state of the object replaces it.
    pub wait_until: Option<DateTime<Utc>>,
    /// Waits for an earlier event of its object to end.
    pub behind: bool,
    /// Why it was cancelled, skipped or given up, in a word.
    pub reason: Option<String>,
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
    /// How long its parts took.
    pub timings: Timings,
    /// The failure in a sentence.
    pub error_detail: Option<String>,
    /// Headers as they were sent, masked, where one delivery is asked for.
    pub headers: Vec<(String, String)>,
    pub(crate) kept_headers: Option<String>,
}

/// How long the parts of an attempt took, in milliseconds; none for a part that did not happen, as all but the last on
/// a connection that was kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Looking the name up.
    pub dns_ms: Option<i32>,
    /// Connecting.
    pub connect_ms: Option<i32>,
    /// Agreeing on TLS.
    pub tls_ms: Option<i32>,
    /// From the request to the head of its answer.
    pub first_byte_ms: Option<i32>,
}

/// A delivery whose time is known: whoever is told of it promises it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promised {
    /// Whose it is.
    pub tenant: TenantId,
    /// The delivery.
    pub delivery: Id<id::Delivery>,
    /// Not before.
    pub at: DateTime<Utc>,
}
