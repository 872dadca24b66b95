//! Webhooks: receivers of events.

mod offer;
mod replays;
mod secrets;
mod skips;
mod subscriptions;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, FieldFault, Id, Result, Scope, id};
use stoa_jobs::{
    Queue,
    queue::{NewJob, enqueue},
    webhooks::ResumeWebhook,
};
use stoa_webhooks as webhooks;
use stoa_webhooks::{NewWebhook, WebhookChange, WebhookStatus};

use crate::{
    App,
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};
use offer::ChangedView;
use views::{IssuedView, WebhookView};

const TAG: &str = "Webhooks";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let refused = &[Code::UnsafeUrl, Code::DuplicateTargetUrl];
    let one = "/api/integrations/webhooks/{webhook}";
    let own = vec![
        Door::get("/api/integrations/webhooks", list).needs(Ability::WebhooksRead).named(
            "listWebhooks",
            TAG,
            "Lists webhooks, the newest first",
        ),
        Door::post("/api/integrations/webhooks", create)
            .needs(Ability::WebhooksWrite)
            .named("createWebhook", TAG, "Registers a receiver; the answer is the only one to show its secret")
            .errors(refused),
        Door::get(one, show)
            .needs(Ability::WebhooksRead)
            .named("getWebhook", TAG, "Shows a webhook")
            .errors(&[Code::WebhookNotFound]),
        Door::put(one, replace)
            .needs(Ability::WebhooksWrite)
            .named("replaceWebhook", TAG, "Replaces a webhook; the secret stays unless another is given")
            .errors(&[Code::WebhookNotFound, Code::UnsafeUrl, Code::DuplicateTargetUrl, Code::Conflict]),
        Door::patch(one, change)
            .needs(Ability::WebhooksWrite)
            .named("changeWebhook", TAG, "Changes, pauses, resumes or disables a webhook")
            .errors(&[Code::WebhookNotFound, Code::UnsafeUrl, Code::DuplicateTargetUrl]),
        Door::delete(one, remove)
            .needs(Ability::WebhooksWrite)
            .named("deleteWebhook", TAG, "Deletes a webhook; what it is owed is cancelled, its log stays")
            .errors(&[Code::WebhookNotFound]),
    ];
    [own, replays::doors(), subscriptions::doors(), secrets::doors(), skips::doors()].into_iter().flatten().collect()
}

/// Which webhooks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Only those with this status.
    #[serde(default)]
    status: Option<WebhookStatus>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct OneWebhook {
    /// Id of the webhook.
    pub(super) webhook: Id<id::Webhook>,
}

impl Body for NewWebhook {
    fn example() -> Value {
        json!({
            "url": "https://hooks.example.com/stoa",
            "events": ["course.completed", "lesson.completed"],
            "dialect": "talktiko",
            "retry_policy": "two_minutes",
            "description": "Completions for the HR system",
        })
    }
}

impl Body for WebhookChange {
    fn example() -> Value {
        json!({ "events": ["*"], "status": "enabled" })
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<WebhookView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = asked(call.query.page, call.query.per_page);
    let webhooks = webhooks::list_webhooks(&mut tx, call.query.status, page).await?;
    Ok(Listed(webhooks.map(WebhookView::from)))
}

async fn create(call: Call<NoPath, NoQuery, NewWebhook>) -> Result<Created<IssuedView>> {
    let app = &call.app;
    may_call(app, Some(&call.body.url)).await?;
    let mut tx = app.db.tenant(&call.scope).await?;
    let with = (&call.scope, &app.sealer, &app.road.targets);
    let (webhook, secret) = webhooks::create(&mut tx, with, call.body).await?;
    tx.commit().await?;
    let path = format!("/api/integrations/webhooks/{}", webhook.id);
    Ok(Created::at(path, IssuedView { kept: webhook.into(), secret }))
}

async fn show(call: Call<OneWebhook>) -> Result<Data<WebhookView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let webhook = webhooks::get_webhook(&mut tx, call.path.webhook).await?;
    Ok(Data(webhook.into()))
}

async fn replace(call: Call<OneWebhook, NoQuery, NewWebhook>) -> Result<Data<ChangedView>> {
    save(&call.app, &call.scope, call.path.webhook, call.body.into()).await
}

async fn change(call: Call<OneWebhook, NoQuery, WebhookChange>) -> Result<Data<ChangedView>> {
    save(&call.app, &call.scope, call.path.webhook, call.body).await
}

async fn save(app: &App, scope: &Scope, webhook: Id<id::Webhook>, change: WebhookChange) -> Result<Data<ChangedView>> {
    may_call(app, change.url.as_ref()).await?;
    let mut tx = app.db.tenant(scope).await?;
    let offer = offer::before(&mut tx, webhook, &change).await?;
    let (webhook, resumes) =
        webhooks::update(&mut tx, (scope, &app.sealer, &app.road.targets), webhook, change).await?;
    if resumes {
        let resume = ResumeWebhook { tenant: scope.tenant, webhook: webhook.id, after: None };
        enqueue(&mut tx, NewJob::of(scope.tenant, &resume)?.caused_by(scope.request_id.as_deref())).await?;
    }
    tx.commit().await?;
    if resumes {
        app.road.wakes.wake(Queue::Webhooks);
    }
    Ok(Data(ChangedView::of(webhook, offer)))
}

/// Refuses an address whose name leads inside, before anything is written. It is asked again at every connection.
async fn may_call(app: &App, url: Option<&String>) -> Result<()> {
    let Some(url) = url else { return Ok(()) };
    let target = app.road.targets.check(url).map_err(|fault| fault.at("/url"))?;
    if app.road.post_room.permits(target.as_str()).await {
        return Ok(());
    }
    let why = format!("{} leads to an address that may not be called", target.host());
    Err(Error::new(Code::UnsafeUrl, why.clone()).with_fields(vec![FieldFault::new("/url", "address", why)]))
}

async fn remove(call: Call<OneWebhook>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    webhooks::delete(&mut tx, call.path.webhook).await?;
    tx.commit().await?;
    Ok(Done)
}
