//! What the audit log says of endpoints and their subscriptions. Secrets and values of headers are never in it.

use serde_json::{Value, json};

use crate::{Subscription, Webhook};
use stoa_core::{audit::Entry, db::TenantTx};

pub(super) fn created(tx: &mut TenantTx, webhook: &Webhook) {
    tx.audit(Entry::of("webhook.created", webhook.id).is(summary(webhook)));
}

/// Notes what differs, if anything does.
pub(super) fn changed(tx: &mut TenantTx, before: &Webhook, after: &Webhook) {
    let (was, is) = (summary(before), summary(after));
    if was != is {
        tx.audit(Entry::of("webhook.changed", after.id).differing(&was, &is));
    }
}

/// What matters of an endpoint.
fn summary(webhook: &Webhook) -> Value {
    let own = webhook.own_subscription();
    json!({
        "url": webhook.url,
        "events": own.map(|own| &own.events),
        "scope": own.and_then(limits),
        "dialect": webhook.dialect,
        "api_version": webhook.api_version,
        "signature_scheme": webhook.signature_scheme,
        "secret_hint": webhook.secret_hint,
        "header_names": webhook.header_names,
        "retry_policy": webhook.retry_policy,
        "coalesce_seconds": webhook.coalesce_seconds,
        "ordered": webhook.ordered,
        "max_in_flight": webhook.max_in_flight,
        "rate_per_second": webhook.rate_per_second,
        "status": webhook.status,
        "description": webhook.description,
    })
}

/// What matters of a subscription.
pub(crate) fn told(subscription: &Subscription) -> Value {
    json!({
        "webhook_id": subscription.webhook_id.to_string(),
        "events": subscription.events,
        "scope": limits(subscription),
    })
}

fn limits(subscription: &Subscription) -> Option<Vec<String>> {
    subscription.scope.as_ref().map(|ids| ids.iter().map(ToString::to_string).collect())
}
