//! Webhooks: receivers of events.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, FieldFault, Id, Result, Scope, id,
    webhooks::{self, NewWebhook, ScopeId, Webhook, WebhookChange, WebhookStatus},
};
use stoa_jobs::{
    Queue,
    queue::{NewJob, enqueue},
    webhooks::ResumeWebhook,
};
use stoa_protocols::webhook::{DialectName, RetryPolicy};

use crate::http::{
    App,
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoPath, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Webhooks";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let refused = &[Code::UnsafeUrl, Code::DuplicateTargetUrl];
    let one = "/api/integrations/webhooks/{webhook}";
    vec![
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
    ]
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

/// A webhook, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub(super) struct WebhookView {
    /// Id.
    id: Id<id::Webhook>,
    /// Where deliveries go.
    url: String,
    /// Other addresses for some types.
    urls: BTreeMap<String, String>,
    /// Event types subscribed to, in the dialect's names.
    events: Vec<String>,
    /// What it is limited to; null means everything.
    scope: Option<ScopeView>,
    /// How it is spoken to.
    dialect: DialectName,
    /// Version that it is pinned to.
    api_version: Option<String>,
    /// Last four characters of the secret; null for a short one.
    secret_hint: Option<String>,
    /// Retry schedule.
    retry_policy: RetryPolicy,
    /// Whether it is attempted.
    status: WebhookStatus,
    /// Why, where the server decided.
    status_reason: Option<String>,
    /// First failure since the last success.
    failing_since: Option<DateTime<Utc>>,
    /// Words of its owner.
    description: String,
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

/// A webhook just made, with its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IssuedWebhook")]
struct IssuedView {
    #[serde(flatten)]
    kept: WebhookView,
    /// Signing secret. Keep it: it is not shown again.
    secret: String,
}

impl WebhookView {
    fn of(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            urls: webhook.urls,
            events: webhook.events,
            scope: webhook.scope.as_deref().map(ScopeView::of),
            dialect: webhook.dialect,
            api_version: webhook.api_version,
            secret_hint: webhook.secret_hint,
            retry_policy: webhook.retry_policy,
            status: webhook.status,
            status_reason: webhook.status_reason,
            failing_since: webhook.failing_since,
            description: webhook.description,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<WebhookView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = asked(call.query.page, call.query.per_page);
    let webhooks = webhooks::list_webhooks(&mut tx, call.query.status, page).await?;
    Ok(Listed(webhooks.map(WebhookView::of)))
}

async fn create(call: Call<NoPath, NoQuery, NewWebhook>) -> Result<Created<IssuedView>> {
    let app = &call.app;
    may_call(app, Some(&call.body.url), &call.body.urls).await?;
    let mut tx = app.db.tenant(&call.scope).await?;
    let with = (&call.scope, &app.sealer, &app.road.targets);
    let (webhook, secret) = webhooks::create(&mut tx, with, call.body).await?;
    tx.commit().await?;
    let path = format!("/api/integrations/webhooks/{}", webhook.id);
    Ok(Created::at(path, IssuedView { kept: WebhookView::of(webhook), secret }))
}

async fn show(call: Call<OneWebhook>) -> Result<Data<WebhookView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let webhook = webhooks::get_webhook(&mut tx, call.path.webhook).await?;
    Ok(Data(WebhookView::of(webhook)))
}

async fn replace(call: Call<OneWebhook, NoQuery, NewWebhook>) -> Result<Data<WebhookView>> {
    save(&call.app, &call.scope, call.path.webhook, call.body.into()).await
}

async fn change(call: Call<OneWebhook, NoQuery, WebhookChange>) -> Result<Data<WebhookView>> {
    save(&call.app, &call.scope, call.path.webhook, call.body).await
}

async fn save(app: &App, scope: &Scope, webhook: Id<id::Webhook>, change: WebhookChange) -> Result<Data<WebhookView>> {
    may_call(app, change.url.as_ref(), change.urls.as_ref().unwrap_or(&BTreeMap::new())).await?;
    let mut tx = app.db.tenant(scope).await?;
    let (webhook, resumes) = webhooks::update(&mut tx, (&app.sealer, &app.road.targets), webhook, change).await?;
    if resumes {
        let resume = ResumeWebhook { tenant: scope.tenant, webhook: webhook.id, after: None };
        enqueue(&mut tx, NewJob::of(scope.tenant, &resume)?.caused_by(scope.request_id.as_deref())).await?;
    }
    tx.commit().await?;
    if resumes {
        app.road.wakes.wake(Queue::Webhooks);
    }
    Ok(Data(WebhookView::of(webhook)))
}

/// Refuses addresses whose names lead inside, before anything is written. They are asked again at every connection.
async fn may_call(app: &App, url: Option<&String>, urls: &BTreeMap<String, String>) -> Result<()> {
    let named = urls.iter().map(|(key, url)| (format!("/urls/{key}"), url));
    for (pointer, url) in url.map(|url| ("/url".to_owned(), url)).into_iter().chain(named) {
        let target = app.road.targets.check(url).map_err(|fault| fault.at(&pointer))?;
        if !app.road.post_room.permits(target.as_str()).await {
            let why = format!("{} leads to an address that may not be called", target.host());
            return Err(
                Error::new(Code::UnsafeUrl, why.clone()).with_fields(vec![FieldFault::new(pointer, "address", why)])
            );
        }
    }
    Ok(())
}

async fn remove(call: Call<OneWebhook>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    webhooks::delete(&mut tx, call.path.webhook).await?;
    tx.commit().await?;
    Ok(Done)
}

impl Sample for WebhookView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            url: "https://hooks.example.com/stoa".into(),
            urls: BTreeMap::new(),
            events: vec!["course.completed".into(), "lesson.completed".into()],
            scope: None,
            dialect: DialectName::Talktiko,
            api_version: None,
            secret_hint: Some("LaSw".into()),
            retry_policy: RetryPolicy::TwoMinutes,
            status: WebhookStatus::Enabled,
            status_reason: None,
            failing_since: None,
            description: "Completions for the HR system".into(),
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}

impl Sample for IssuedView {
    fn sample() -> Self {
        Self { kept: WebhookView::sample(), secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into() }
    }
}
