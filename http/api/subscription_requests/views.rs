//! How a request for subscriptions looks, to its institution and to support.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, id};
use stoa_protocols::webhook::DialectName;
use stoa_webhooks::subscription_requests::{ItemOutcome, ItemTest, RequestItem, RequestStatus, SubscriptionRequest};

use crate::doors::{Sample, sample};

/// A request for subscriptions.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SubscriptionRequest")]
pub(crate) struct RequestView {
    /// Id.
    pub(crate) id: Id<id::SubscriptionRequest>,
    /// The institution's own key.
    external_id: Option<String>,
    /// How the receivers want to be spoken to.
    dialect: DialectName,
    /// Why it was filed, in the requester's words.
    reason: String,
    /// Where it is in its life; `approved` also where only a part was.
    status: RequestStatus,
    /// Why it was decided so, in support's words.
    decision: Option<String>,
    /// Who of the platform's staff decided.
    decided_by: Option<String>,
    /// When it was decided, expired or withdrawn.
    decided_at: Option<DateTime<Utc>>,
    /// Who filed it.
    filed_by: String,
    /// When it was filed.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// When it expires if nobody decides.
    expires_at: DateTime<Utc>,
    /// What is requested, each with its outcome.
    items: Vec<ItemView>,
}

/// One receiver of a request.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SubscriptionRequestItem")]
struct ItemView {
    /// From 1, as it was filed.
    number: i32,
    /// Where deliveries are to go.
    url: String,
    /// Event types, in the dialect's names.
    events: Vec<String>,
    /// Courses, lessons and items that it is limited to; null means all.
    scope: Option<Vec<String>>,
    /// What became of it.
    outcome: ItemOutcome,
    /// Of the types, those that were approved.
    approved_events: Vec<String>,
    /// The webhook that was made or found for it.
    webhook_id: Option<Id<id::Webhook>>,
    /// The subscription that it became.
    subscription_id: Option<Id<id::Subscription>>,
    /// What came of support's last test of the address.
    test: Option<ItemTest>,
}

impl RequestView {
    pub(crate) fn of(request: SubscriptionRequest) -> Self {
        Self {
            id: request.id,
            external_id: request.external_id,
            dialect: request.dialect,
            reason: request.reason,
            status: request.status,
            decision: request.decision,
            decided_by: request.decided_name,
            decided_at: request.decided_at,
            filed_by: request.filed_name,
            created_at: request.created_at,
            updated_at: request.updated_at,
            expires_at: request.expires_at,
            items: request.items.into_iter().map(ItemView::of).collect(),
        }
    }
}

impl ItemView {
    fn of(item: RequestItem) -> Self {
        Self {
            number: item.number,
            url: item.url,
            events: item.events,
            scope: item.scope.map(|scope| scope.iter().map(ToString::to_string).collect()),
            outcome: item.outcome,
            approved_events: item.approved_events,
            webhook_id: item.webhook_id,
            subscription_id: item.subscription_id,
            test: item.test,
        }
    }
}

impl Sample for RequestView {
    fn sample() -> Self {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        Self {
            id: sample::id(),
            external_id: Some("ticket-4711".into()),
            dialect: DialectName::Teachbase,
            reason: "Quiz results for the HR system".into(),
            status: RequestStatus::Approved,
            decision: None,
            decided_by: Some("Vera".into()),
            decided_at: Some(sample::time()),
            filed_by: "Ana Example".into(),
            created_at: sample::time(),
            updated_at: sample::time(),
            expires_at: sample::time(),
            items: vec![ItemView {
                number: 1,
                url: "https://hooks.example.com/teachbase".into(),
                events: names(&["quiz_stat.created", "quiz_stat.updated"]),
                scope: Some(vec![sample::id::<id::Course>().to_string()]),
                outcome: ItemOutcome::Approved,
                approved_events: names(&["quiz_stat.created", "quiz_stat.updated"]),
                webhook_id: Some(sample::id()),
                subscription_id: Some(sample::id()),
                test: Some(ItemTest {
                    at: sample::time(),
                    by: "Vera".into(),
                    event_type: "quiz_stat.updated".into(),
                    received: true,
                    http_status: Some(200),
                    duration_ms: 41,
                    error: None,
                    error_detail: None,
                    response_excerpt: None,
                    address: Some("203.0.113.7:443".into()),
                }),
            }],
        }
    }
}
