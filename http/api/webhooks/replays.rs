//! Replays: many deliveries of a webhook sent once more, with progress, until they end or are cancelled.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Id, Result, id};
use stoa_jobs::{
    Queue,
    queue::{NewJob, enqueue},
    webhooks::ReplayWebhook,
};
use stoa_webhooks::{
    DeliveryStatus,
    replays::{self, NewReplay, Replay, ReplayStatus},
};

use super::{OneWebhook, TAG};
use crate::{
    body::Body,
    doors::{Accepted, Call, Data, Door, Listed, NoQuery, Sample, sample},
    page::Paging,
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let all = "/api/integrations/webhooks/{webhook}/replays";
    let one = "/api/integrations/webhooks/{webhook}/replays/{replay}";
    vec![
        Door::post(all, create)
            .needs(Ability::WebhooksWrite)
            .named("createReplay", TAG, "Sends what failed since a time once more; one replay of a webhook at a time")
            .errors(&[Code::WebhookNotFound, Code::WebhookDisabled, Code::Conflict]),
        Door::get(all, list)
            .needs(Ability::WebhooksRead)
            .named("listReplays", TAG, "Lists replays, the newest first")
            .errors(&[Code::WebhookNotFound]),
        Door::get(one, show).needs(Ability::WebhooksRead).named("getReplay", TAG, "Shows a replay and how far it is"),
        Door::post("/api/integrations/webhooks/{webhook}/replays/{replay}/cancel", cancel)
            .needs(Ability::WebhooksWrite)
            .named("cancelReplay", TAG, "Ends a replay; what was handed out before is still sent")
            .errors(&[Code::Conflict]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneReplay {
    /// Id of the webhook.
    webhook: Id<id::Webhook>,
    /// Id of the replay.
    replay: Id<id::Replay>,
}

impl Body for NewReplay {
    fn example() -> Value {
        json!({ "since": "2026-11-20T22:10:00Z", "include_skipped": true, "rate_per_second": 50 })
    }
}

/// A replay and how far it is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Replay")]
struct ReplayView {
    id: Id<id::Replay>,
    webhook_id: Id<id::Webhook>,
    /// What became of it, or `running`.
    status: ReplayStatus,
    /// Why it failed.
    status_reason: Option<String>,
    /// Deliveries in all; null where they were too many to count beforehand.
    total: Option<i64>,
    /// Of them, attempted again.
    done: i64,
    /// Deliveries a second at most.
    rate_per_second: i32,
    /// At that rate; null when it has ended or nobody knows.
    seconds_left: Option<i64>,
    /// Which deliveries.
    filter: FilterView,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// Which deliveries a replay is of.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReplayFilter")]
struct FilterView {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    statuses: Vec<DeliveryStatus>,
    /// Null means every type.
    event_types: Option<Vec<String>>,
    /// It is limited to one object.
    of_object: bool,
    include_skipped: bool,
}

impl From<Replay> for ReplayView {
    fn from(replay: Replay) -> Self {
        Self {
            seconds_left: replay.seconds_left(),
            id: replay.id,
            webhook_id: replay.webhook_id,
            status: replay.status,
            status_reason: replay.status_reason,
            total: replay.total,
            done: replay.done,
            rate_per_second: replay.rate_per_second,
            filter: FilterView {
                since: replay.filter.since,
                until: replay.filter.until,
                statuses: replay.filter.statuses,
                event_types: replay.filter.event_types,
                of_object: replay.filter.object_id.is_some(),
                include_skipped: replay.filter.include_skipped,
            },
            created_at: replay.created_at,
            updated_at: replay.updated_at,
            finished_at: replay.finished_at,
        }
    }
}

async fn create(call: Call<OneWebhook, NoQuery, NewReplay>) -> Result<Accepted<ReplayView>> {
    let tenant = call.scope.tenant;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let replay = replays::create(&mut tx, &call.scope, call.path.webhook, call.body).await?;
    let runs = replay.status == ReplayStatus::Running;
    if runs {
        let promise = NewJob::of(tenant, &ReplayWebhook { tenant, replay: replay.id })?;
        enqueue(&mut tx, promise.caused_by(call.scope.request_id.as_deref())).await?;
    }
    tx.commit().await?;
    if runs {
        call.app.road.wakes.wake(Queue::Webhooks);
    }
    Ok(Accepted(replay.into()))
}

async fn list(call: Call<OneWebhook, Paging>) -> Result<Listed<ReplayView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = call.query.asked();
    Ok(Listed(replays::list(&mut tx, call.path.webhook, page).await?.map(ReplayView::from)))
}

async fn show(call: Call<OneReplay>) -> Result<Data<ReplayView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(replays::get(&mut tx, call.path.webhook, call.path.replay).await?.into()))
}

async fn cancel(call: Call<OneReplay>) -> Result<Data<ReplayView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let replay = replays::cancel(&mut tx, call.path.webhook, call.path.replay).await?;
    tx.commit().await?;
    Ok(Data(replay.into()))
}

impl Sample for ReplayView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            webhook_id: sample::id(),
            status: ReplayStatus::Running,
            status_reason: None,
            total: Some(1_514),
            done: 400,
            rate_per_second: 50,
            seconds_left: Some(23),
            filter: FilterView {
                since: sample::time(),
                until: sample::time(),
                statuses: vec![DeliveryStatus::Exhausted, DeliveryStatus::Cancelled],
                event_types: None,
                of_object: false,
                include_skipped: true,
            },
            created_at: sample::time(),
            updated_at: sample::time(),
            finished_at: None,
        }
    }
}
