//! A webhook as it is shown after a change: one that the server had switched off comes with the offer of a replay.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, Result, db::TenantTx, id};
use stoa_webhooks::{
    Webhook, WebhookChange, WebhookStatus,
    replays::{self, ReplayOffer},
};

use super::views::WebhookView;
use crate::doors::{Sample, sample};

/// A webhook that was changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChangedWebhook")]
pub(super) struct ChangedView {
    #[serde(flatten)]
    webhook: WebhookView,
    /// What to ask for to get what was not received; only when the server had switched the webhook off and it is on
    /// again.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_offer: Option<OfferView>,
}

/// A replay that brings what was not received.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReplayOffer")]
struct OfferView {
    /// When the failure began: `since` of the replay to ask for.
    since: DateTime<Utc>,
    /// Deliveries that were not received since; null where they are too many to count.
    deliveries: Option<i64>,
    /// Events since then that were not sent because the webhook was disabled, which `include_skipped` brings; null where
    /// they are too many to count.
    events_skipped: Option<i64>,
}

/// Makes the offer, if the change switches a webhook on again; asked before the change.
pub(super) async fn before(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    change: &WebhookChange,
) -> Result<Option<ReplayOffer>> {
    if change.status == Some(WebhookStatus::Enabled) { replays::offer(tx, webhook).await } else { Ok(None) }
}

impl ChangedView {
    pub(super) fn of(webhook: Webhook, offer: Option<ReplayOffer>) -> Self {
        Self { webhook: webhook.into(), replay_offer: offer.map(OfferView::from) }
    }
}

impl From<ReplayOffer> for OfferView {
    fn from(offer: ReplayOffer) -> Self {
        Self { since: offer.since, deliveries: offer.deliveries, events_skipped: offer.events_skipped }
    }
}

impl Sample for ChangedView {
    fn sample() -> Self {
        let offer = OfferView { since: sample::time(), deliveries: Some(1_204), events_skipped: Some(310) };
        Self { webhook: WebhookView::sample(), replay_offer: Some(offer) }
    }
}
