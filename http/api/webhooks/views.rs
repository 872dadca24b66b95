//! Webhooks and subscriptions as they are shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, id};
use stoa_protocols::webhook::{DialectName, RetryPolicy, SignatureScheme};
use stoa_webhooks::{MASK, ScopeId, Source, Subscription, Webhook, WebhookStatus};

use crate::doors::{Sample, sample};

/// A webhook, without its secrets.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub(super) struct WebhookView {
    /// Id.
    id: Id<id::Webhook>,
    /// Where deliveries go.
    url: String,
    /// Event types of its own first subscription, in the dialect's names; empty where it has none.
    events: Vec<String>,
    /// What that is limited to; null means everything.
    scope: Option<ScopeView>,
    /// All that it is told of, the oldest first: an event is sent once if any of them matches.
    subscriptions: Vec<SubscriptionView>,
    /// How it is spoken to.
    dialect: DialectName,
    /// Version that it is pinned to.
    api_version: Option<String>,
    /// Last four characters of the secret; null for a short one, and for a pair of keys.
    secret_hint: Option<String>,
    /// How `webhook-signature` is made.
    signature_scheme: SignatureScheme,
    /// What to verify `v1a` with, `whpk_…`; null for `v1`.
    public_key: Option<String>,
    /// Until when the secret before the last rotation signs too; null if it does not.
    previous_secret_until: Option<DateTime<Utc>>,
    /// Headers of its own; values are shown as `***`.
    headers: BTreeMap<String, &'static str>,
    /// Retry schedule.
    retry_policy: RetryPolicy,
    /// Updates of one statistic within so many seconds are sent as the last of them; 0 sends each.
    coalesce_seconds: i32,
    /// The events of one object are sent strictly one after the other.
    ordered: bool,
    /// Most attempts at the same time; null for the server's own limit.
    max_in_flight: Option<i32>,
    /// Most attempts in a second; null for no limit.
    rate_per_second: Option<i32>,
    /// Whether it is attempted.
    status: WebhookStatus,
    /// Why, where the server decided.
    status_reason: Option<String>,
    /// First failure since the last success.
    failing_since: Option<DateTime<Utc>>,
    /// No test of the present address was received yet.
    needs_ping: bool,
    /// Last test of the present address that was received.
    pinged_at: Option<DateTime<Utc>>,
    /// Words of its owner.
    description: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// What a webhook is told of.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Subscription")]
pub(super) struct SubscriptionView {
    /// Id.
    id: Id<id::Subscription>,
    /// Event types, in the dialect's names.
    events: Vec<String>,
    /// What it is limited to; null means everything.
    scope: Option<ScopeView>,
    /// Whose it is. One of `support` or `request` is changed by support alone.
    source: Source,
    /// The request that it came from.
    request_id: Option<Id<id::SubscriptionRequest>>,
    /// Who of support made it; absent for the institution's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    made_by: Option<String>,
    /// Why, in support's words; absent where nothing was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// Objects that a subscription is limited to.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "WebhookScope")]
struct ScopeView {
    courses: Vec<String>,
    lessons: Vec<String>,
    items: Vec<String>,
}

impl ScopeView {
    fn of(ids: &[ScopeId]) -> Self {
        let mut view = Self::default();
        for id in ids {
            match id {
                ScopeId::Course(_) => view.courses.push(id.to_string()),
                ScopeId::Lesson(_) => view.lessons.push(id.to_string()),
                ScopeId::Item(_) => view.items.push(id.to_string()),
            }
        }
        view
    }
}

/// A webhook whose secret was just made, with it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IssuedWebhook")]
pub(super) struct IssuedView {
    #[serde(flatten)]
    pub(super) kept: WebhookView,
    /// Signing secret. Keep it: it is not shown again. Null for a pair of keys, of which you have the public one.
    pub(super) secret: Option<String>,
}

impl From<Subscription> for SubscriptionView {
    fn from(subscription: Subscription) -> Self {
        Self {
            id: subscription.id,
            events: subscription.events,
            scope: subscription.scope.as_deref().map(ScopeView::of),
            source: subscription.source,
            request_id: subscription.request_id,
            made_by: subscription.made_by,
            reason: subscription.reason,
            created_at: subscription.created_at,
            updated_at: subscription.updated_at,
        }
    }
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        let own = webhook.own_subscription();
        let (events, limits) = own.map(|own| (own.events.clone(), own.scope.clone())).unwrap_or_default();
        Self {
            id: webhook.id,
            url: webhook.url,
            events,
            scope: limits.as_deref().map(ScopeView::of),
            subscriptions: webhook.subscriptions.into_iter().map(Into::into).collect(),
            dialect: webhook.dialect,
            api_version: webhook.api_version,
            secret_hint: webhook.secret_hint,
            signature_scheme: webhook.signature_scheme,
            public_key: webhook.public_key,
            previous_secret_until: webhook.previous_secret_until,
            headers: webhook.header_names.into_iter().map(|name| (name, MASK)).collect(),
            retry_policy: webhook.retry_policy,
            coalesce_seconds: webhook.coalesce_seconds,
            ordered: webhook.ordered,
            max_in_flight: webhook.max_in_flight,
            rate_per_second: webhook.rate_per_second,
            status: webhook.status,
            status_reason: webhook.status_reason,
            failing_since: webhook.failing_since,
            needs_ping: webhook.pinged_at.is_none(),
            pinged_at: webhook.pinged_at,
            description: webhook.description,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

impl Sample for SubscriptionView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            events: vec!["course.completed".into(), "lesson.completed".into()],
            scope: None,
            source: Source::Institution,
            request_id: None,
            made_by: None,
            reason: None,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}

impl Sample for WebhookView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            url: "https://hooks.example.com/stoa".into(),
            events: vec!["course.completed".into(), "lesson.completed".into()],
            scope: None,
            subscriptions: vec![SubscriptionView::sample()],
            dialect: DialectName::Talktiko,
            api_version: None,
            secret_hint: Some("LaSw".into()),
            signature_scheme: SignatureScheme::V1,
            public_key: None,
            previous_secret_until: None,
            headers: BTreeMap::from([("authorization".into(), MASK)]),
            retry_policy: RetryPolicy::TwoMinutes,
            coalesce_seconds: 5,
            ordered: false,
            max_in_flight: None,
            rate_per_second: None,
            status: WebhookStatus::Enabled,
            status_reason: None,
            failing_since: None,
            needs_ping: false,
            pinged_at: Some(sample::time()),
            description: "Completions for the HR system".into(),
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}

impl Sample for IssuedView {
    fn sample() -> Self {
        Self { kept: WebhookView::sample(), secret: Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()) }
    }
}
