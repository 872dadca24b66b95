//! Deliveries: what a webhook was sent, and what came of it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Result, id,
    time::Timestamp,
    webhooks::{self, Attempt, Delivery, DeliveryFilter, DeliveryStatus, Next},
};
use stoa_jobs::{
    Queue,
    queue::{NewJob, enqueue},
    webhooks::DeliverWebhooks,
};

use super::webhooks::OneWebhook;
use crate::http::{
    body::Body,
    doors::{Accepted, Call, Data, Door, Listed, NoQuery, Sample, sample},
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

/// One event owed to one receiver.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
struct DeliveryView {
    id: Id<id::Delivery>,
    webhook_id: Id<id::Webhook>,
    /// The event, which a receiver tells repeats by.
    event_id: Id<id::Event>,
    /// Its type.
    event_type: String,
    /// Where it goes.
    url: String,
    /// Asked for by a person.
    test: bool,
    /// What became of it.
    status: DeliveryStatus,
    /// Attempts so far.
    attempt_count: i32,
    /// The attempts, the oldest first.
    attempts: Vec<AttemptView>,
    created_at: DateTime<Utc>,
    /// When the next attempt is due; null when none is.
    next_attempt_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Request that caused the event.
    request_id: Option<String>,
    /// The body as it is sent; only where one delivery is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

/// One try.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
struct AttemptView {
    /// From 1.
    attempt: i32,
    /// When the request began.
    at: DateTime<Utc>,
    /// Until the verdict.
    duration_ms: i32,
    /// Status of the answer; null if there was none.
    http_status: Option<i32>,
    /// Class of the failure; null when received.
    error: Option<String>,
    /// First KiB of the answer, or why there is none.
    response_excerpt: Option<String>,
    /// Address that was connected to.
    address: Option<String>,
}

/// What came of a test.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TestResult")]
struct TestView {
    delivery_id: Id<id::Delivery>,
    /// Type that was sent, in the dialect's name.
    event_type: String,
    /// Was it received.
    status: DeliveryStatus,
    http_status: Option<i32>,
    duration_ms: i32,
    error: Option<String>,
    response_excerpt: Option<String>,
    address: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            attempt: attempt.attempt,
            at: attempt.started_at,
            duration_ms: attempt.duration_ms,
            http_status: attempt.http_status,
            error: attempt.error,
            response_excerpt: attempt.response,
            address: attempt.address,
        }
    }
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            event_id: delivery.event_id,
            event_type: delivery.event_type,
            url: delivery.url,
            test: delivery.test,
            status: delivery.status,
            attempt_count: delivery.attempt_count,
            attempts: delivery.attempts.into_iter().map(Into::into).collect(),
            created_at: delivery.created_at,
            next_attempt_at: delivery.next_attempt_at,
            finished_at: delivery.finished_at,
            request_id: delivery.request_id,
            body: delivery.body,
        }
    }
}

async fn list(call: Call<OneWebhook, Listing>) -> Result<Listed<DeliveryView>> {
    let query = call.query;
    let filter = DeliveryFilter {
        status: query.status,
        event_type: query.event_type,
        from: query.from.map(Timestamp::utc),
        to: query.to.map(Timestamp::utc),
    };
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = asked(query.page, query.per_page);
    let deliveries = webhooks::list_deliveries(&mut tx, call.path.webhook, &filter, page).await?;
    Ok(Listed(deliveries.map(DeliveryView::from)))
}

async fn show(call: Call<OneDelivery>) -> Result<Data<DeliveryView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(webhooks::get_delivery(&mut tx, call.path.webhook, call.path.delivery).await?.into()))
}

async fn redeliver(call: Call<OneDelivery>) -> Result<Accepted<DeliveryView>> {
    let tenant = call.scope.tenant;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let delivery = webhooks::redeliver(&mut tx, call.path.webhook, call.path.delivery).await?;
    let promise = NewJob::of(tenant, &DeliverWebhooks::of(tenant, vec![delivery.id]))?;
    enqueue(&mut tx, promise.caused_by(call.scope.request_id.as_deref())).await?;
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Webhooks);
    Ok(Accepted(delivery.into()))
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
    let event_type = test.event_name.to_owned();
    let settled = room.try_once(test).await;
    let mut tx = call.app.db.house().await?;
    webhooks::settle(&mut tx, std::slice::from_ref(&settled)).await?;
    tx.commit().await?;
    Ok(Data(TestView {
        delivery_id: settled.delivery,
        event_type,
        status: if settled.next == Next::Succeeded { DeliveryStatus::Succeeded } else { DeliveryStatus::Exhausted },
        http_status: settled.http_status,
        duration_ms: settled.duration_ms,
        error: settled.error,
        response_excerpt: settled.response,
        address: settled.address,
    }))
}

impl Sample for DeliveryView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            webhook_id: sample::id(),
            event_id: sample::id(),
            event_type: "course.completed".into(),
            url: "https://hooks.example.com/stoa".into(),
            test: false,
            status: DeliveryStatus::Succeeded,
            attempt_count: 1,
            attempts: vec![AttemptView {
                attempt: 1,
                at: sample::time(),
                duration_ms: 41,
                http_status: Some(204),
                error: None,
                response_excerpt: None,
                address: Some("203.0.113.7:443".into()),
            }],
            created_at: sample::time(),
            next_attempt_at: None,
            finished_at: Some(sample::time()),
            request_id: Some("5f0c1d7e".into()),
            body: None,
        }
    }
}

impl Sample for TestView {
    fn sample() -> Self {
        Self {
            delivery_id: sample::id(),
            event_type: "webhook.ping".into(),
            status: DeliveryStatus::Succeeded,
            http_status: Some(200),
            duration_ms: 41,
            error: None,
            response_excerpt: Some("ok".into()),
            address: Some("203.0.113.7:443".into()),
        }
    }
}
