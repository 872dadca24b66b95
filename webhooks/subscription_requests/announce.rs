//! How a decision is told: the event, and what the audit log keeps of it.
//!
//! Not here: letters (`notice`).

use std::sync::Arc;

use serde_json::{Value, json};
use stoa_protocols::event::{
    EventData, EventType, ObjectKind, SubscriptionFacts, SubscriptionRequestFacts, SubscriptionRequestItemFacts,
};

use super::{OnBehalf, RequestItem, RequestStatus, SubscriptionRequest};
use crate::ScopeId;
use stoa_core::{
    audit::Entry,
    db::TenantTx,
    error::{Code, Error, Result},
    events::NewEvent,
    id::{self, Id},
};

/// Refuses a request that is not open any more, and says who was faster.
pub(super) fn still_open(request: &SubscriptionRequest) -> Result<()> {
    if request.status.is_open() {
        return Ok(());
    }
    let by = request.decided_name.as_deref().map(|name| format!(" by {name}")).unwrap_or_default();
    Err(Error::new(Code::Conflict, format!("the request is {} already{by}", request.status)))
}

/// Records the decision of a request as it stands now, and notes it for the audit log.
pub(super) fn decided(tx: &mut TenantTx, before: &SubscriptionRequest, after: &SubscriptionRequest) {
    let (event_type, action) = match after.status {
        RequestStatus::Approved => (EventType::SubscriptionRequestApproved, "subscription_request.approved"),
        RequestStatus::Rejected => (EventType::SubscriptionRequestRejected, "subscription_request.rejected"),
        RequestStatus::Expired => (EventType::SubscriptionRequestExpired, "subscription_request.expired"),
        // Withdrawn by whoever would be told, or not decided.
        RequestStatus::Requested | RequestStatus::Testing | RequestStatus::Withdrawn => return,
    };
    let data = EventData { subscription_request: Some(Box::new(facts(after))), ..EventData::default() };
    let occurred_at = tx.now();
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::SubscriptionRequest,
        object_id: after.id.uuid(),
        revision: 1,
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at,
        concludes: false,
    });
    tx.audit(Entry::of(action, after.id).was(json!({ "status": before.status.as_str() })).is(summary(after)));
}

/// What the audit log keeps of a request.
pub(super) fn summary(request: &SubscriptionRequest) -> Value {
    let items = request.items.iter().map(|item| {
        json!({
            "number": item.number, "url": item.url, "events": item.events, "scope": texts(item.scope.as_deref()),
            "outcome": item.outcome.as_str(), "approved_events": item.approved_events,
        })
    });
    json!({
        "status": request.status.as_str(), "dialect": request.dialect.as_str(), "reason": request.reason,
        "decision": request.decision, "items": items.collect::<Vec<_>>(),
    })
}

fn facts(request: &SubscriptionRequest) -> SubscriptionRequestFacts {
    SubscriptionRequestFacts {
        id: request.id.to_string(),
        external_id: request.external_id.clone(),
        dialect: request.dialect.to_string(),
        status: request.status.to_string(),
        reason: request.reason.clone(),
        decision: request.decision.clone(),
        items: request.items.iter().map(item_facts).collect(),
    }
}

fn item_facts(item: &RequestItem) -> SubscriptionRequestItemFacts {
    SubscriptionRequestItemFacts {
        number: item.number,
        url: item.url.clone(),
        events: item.events.clone(),
        scope: texts(item.scope.as_deref()),
        outcome: item.outcome.to_string(),
        approved_events: item.approved_events.clone(),
        webhook_id: item.webhook_id.map(|id| id.to_string()),
        subscription_id: item.subscription_id.map(|id| id.to_string()),
    }
}

fn texts(scope: Option<&[ScopeId]>) -> Option<Vec<String>> {
    scope.map(|scope| scope.iter().map(ToString::to_string).collect())
}

/// Records that support subscribed a receiver or ended a subscription, and notes it for the audit log.
pub(super) fn subscribed(tx: &mut TenantTx, event_type: EventType, one: &OnBehalf) {
    let facts = subscription_facts(one);
    let entry = subscription_entry(event_type, one.id, &facts);
    let data = EventData { subscription: Some(Box::new(facts)), ..EventData::default() };
    let occurred_at = tx.now();
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::Subscription,
        object_id: one.id.uuid(),
        revision: if event_type == EventType::WebhookSubscribed { 1 } else { 2 },
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at,
        concludes: false,
    });
    tx.audit(entry);
}

/// Notes a subscription that came from a request, whose own event tells of it.
pub(super) fn subscribed_by_request(tx: &mut TenantTx, one: &OnBehalf) {
    let facts = subscription_facts(one);
    tx.audit(subscription_entry(EventType::WebhookSubscribed, one.id, &facts));
}

fn subscription_entry(event_type: EventType, id: Id<id::Subscription>, facts: &SubscriptionFacts) -> Entry {
    let kept = serde_json::to_value(facts).unwrap_or_default();
    if event_type == EventType::WebhookSubscribed {
        Entry::of("subscription.created", id).is(kept)
    } else {
        Entry::of("subscription.deleted", id).was(kept)
    }
}

fn subscription_facts(one: &OnBehalf) -> SubscriptionFacts {
    SubscriptionFacts {
        id: one.id.to_string(),
        webhook_id: one.webhook_id.to_string(),
        url: one.url.clone(),
        dialect: one.dialect.to_string(),
        events: one.events.clone(),
        scope: texts(one.scope.as_deref()),
        by: one.by.clone().unwrap_or_default(),
        reason: one.reason.clone(),
    }
}
