//! Deliveries: what a webhook was sent, and what came of it.
//!
//! Not here: how they look (`views`), and what a test tells (`diagnosis`).

mod diagnosis;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Result,
    db::{Paged, TenantTx},
    events::object_id,
    id,
    time::Timestamp,
};
use stoa_jobs::{
    Queue,
    queue::{NewJob, enqueue},
    webhooks::DeliverWebhooks,
};
use stoa_webhooks as webhooks;
use stoa_webhooks::{Around, Delivery, DeliveryFilter, DeliveryStatus};
use uuid::Uuid;

use self::{
    diagnosis::{TestView, is_received},
    views::DeliveryView,
};
use super::webhooks::OneWebhook;
use crate::{
    App,
    body::Body,
    doors::{Accepted, Call, Data, Door, NoQuery, Windowed},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Webhooks";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/integrations/webhooks/{webhook}/test", test)
            .needs(Ability::WebhooksWrite)
            .named("testWebhook", TAG, "Sends a sample, marked as a test, and tells at once what came of it")
            .errors(&[Code::WebhookNotFound]),
        Door::get("/api/integrations/webhooks/{webhook}/deliveries", list)
            .needs(Ability::WebhooksRead)
            .named("listDeliveries", TAG, "Lists deliveries with their attempts, the newest first")
            .errors(&[Code::WebhookNotFound]),
        Door::get("/api/integrations/webhooks/{webhook}/deliveries/{delivery}", show)
            .needs(Ability::WebhooksRead)
            .named("getDelivery", TAG, "Shows a delivery with the body that is sent"),
        Door::post("/api/integrations/webhooks/{webhook}/deliveries/{delivery}/redeliver", redeliver)
            .needs(Ability::WebhooksWrite)
            .named("redeliver", TAG, "Sends a delivery once more: the same body, a new retry window")
            .errors(&[Code::WebhookNotFound, Code::WebhookDisabled, Code::Conflict]),
    ]
}

/// Which deliveries.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Only those with this status.
    #[serde(default)]
    status: Option<DeliveryStatus>,
    /// Only those of this event type, in the catalogue's name.
    #[serde(default)]
    event_type: Option<String>,
    /// Only those owed at or after this time.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Only those owed before this time.
    #[serde(default)]
    to: Option<Timestamp>,
    /// Only those of events about this object, by its id.
    #[serde(default)]
    object_id: Option<String>,
    /// Only those older than this one: `meta.next_cursor` of a page before.
    #[serde(default)]
    cursor: Option<Id<id::Delivery>>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneDelivery {
    /// Id of the webhook.
    webhook: Id<id::Webhook>,
    /// Id of the delivery.
    delivery: Id<id::Delivery>,
}

/// What a test sends.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TestRequest {
    /// Event type whose sample is sent, in the dialect's names; the dialect's own choice if left out.
    #[serde(default)]
    event_type: Option<String>,
}

impl Body for TestRequest {
    fn example() -> Value {
        json!({})
    }
}

async fn list(call: Call<OneWebhook, Listing>) -> Result<Windowed<DeliveryView>> {
    let query = call.query;
    let filter = DeliveryFilter {
        status: query.status,
        event_type: query.event_type,
        object_id: query.object_id.as_deref().map(object).transpose()?,
        from: query.from.map(Timestamp::utc),
        to: query.to.map(Timestamp::utc),
    };
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = asked(query.page, query.per_page);
    let webhook = webhooks::get_webhook(&mut tx, call.path.webhook).await?;
    let log = webhooks::list_deliveries(&mut tx, webhook.id, (&filter, query.cursor), page).await?;
    let held_until = call.app.road.post_room.held_until(call.scope.tenant, webhook.id).await;
    let around = Around { webhook: Some(&webhook), before: None, held_until, now: tx.now() };
    let rows = log.rows.into_iter().map(|delivery| DeliveryView::of(delivery, around)).collect();
    let paged = Paged { rows, total: log.total, request: log.request };
    Ok(Windowed { paged, next: log.next.map(|last| last.to_string()) })
}

fn object(text: &str) -> Result<Uuid> {
    object_id(text)
        .ok_or_else(|| Error::invalid_field("?object_id", "format", "wanted the id of an object, such as std_…"))
}

async fn show(call: Call<OneDelivery>) -> Result<Data<DeliveryView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let delivery = webhooks::get_delivery(&mut tx, call.path.webhook, call.path.delivery).await?;
    Ok(Data(whole(&call.app, &mut tx, delivery).await?))
}

/// A delivery with all that is known around it. The log of a deleted webhook is still shown.
async fn whole(app: &App, tx: &mut TenantTx, delivery: Delivery) -> Result<DeliveryView> {
    let webhook = match webhooks::get_webhook(tx, delivery.webhook_id).await {
        Ok(webhook) => Some(webhook),
        Err(error) if error.code() == Code::WebhookNotFound => None,
        Err(error) => return Err(error),
    };
    let before = if delivery.behind { webhooks::delivery_before(tx, &delivery).await? } else { None };
    let held_until = app.road.post_room.held_until(tx.tenant(), delivery.webhook_id).await;
    Ok(DeliveryView::whole(delivery, Around { webhook: webhook.as_ref(), before, held_until, now: tx.now() }))
}

async fn redeliver(call: Call<OneDelivery>) -> Result<Accepted<DeliveryView>> {
    let tenant = call.scope.tenant;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let delivery = webhooks::redeliver(&mut tx, call.path.webhook, call.path.delivery).await?;
    let promise = NewJob::of(tenant, &DeliverWebhooks::of(tenant, vec![delivery.id]))?;
    enqueue(&mut tx, promise.caused_by(call.scope.request_id.as_deref())).await?;
    let view = whole(&call.app, &mut tx, delivery).await?;
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Webhooks);
    Ok(Accepted(view))
}

async fn test(call: Call<OneWebhook, NoQuery, Option<TestRequest>>) -> Result<Data<TestView>> {
    let room = &call.app.road.post_room;
    let wanted = call.body.unwrap_or_default().event_type;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let webhook = webhooks::get_webhook(&mut tx, call.path.webhook).await?;
    let with = (room.sealer(), room.base_url());
    let test = webhooks::test_delivery(&mut tx, with, &webhook, wanted.as_deref()).await?;
    // No transaction is open while a stranger is asked.
    tx.commit().await?;
    let (event_type, outgoing) = (test.event_name.to_owned(), test.outgoing.clone());
    let diagnosis = room.diagnose(test).await;
    let mut tx = call.app.db.house().await?;
    webhooks::settle(&mut tx, std::slice::from_ref(&diagnosis.settlement)).await?;
    if is_received(&diagnosis.settlement) {
        webhooks::note_pinged(&mut tx, call.scope.tenant, webhook.id, &outgoing.url).await?;
    }
    tx.commit().await?;
    let body = String::from_utf8_lossy(&outgoing.body).into_owned();
    Ok(Data(TestView::of(diagnosis, event_type, (&outgoing.url, body))))
}
