//! `/webhooks`: who is told of what.
//!
//! # Rule
//! A webhook here is an endpoint of the dialect `reach360` with one subscription of its own. Without `sharedSecret` its
//! deliveries are not signed. There is no way to change one: delete it and make another.
//!
//! The vendor's clients cannot choose when a delivery is tried again, so it is tried for days, as long as we know to.
//!
//! # Source
//! access.articulate.com, "Reach 360: Webhooks API".

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, FieldFault, Id, Result, id};
use stoa_protocols::webhook::{
    DialectName, RetryPolicy,
    dialects::reach360::{Version, objects::Links},
};
use stoa_webhooks as webhooks;
use stoa_webhooks::{NewEndpoint, NewSubscription, Origin, SecretWish, Source, Webhook};

use super::{
    listing::{Cursor, EXAMPLE, List, LongLimit, NoHead, One, Shown},
    version::{self, Client},
};
use crate::{
    body::{Body, NoBody},
    doors::{Call, Done, Door, NoPath, NoQuery, Reply, Wire, sample},
};

const TAG: &str = "Reach 360";
/// Longest shared secret, in characters.
const SECRET_MAX: usize = 256;

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/webhooks", list).needs(Ability::WebhooksRead).named(
            "reachListWebhooks",
            TAG,
            "Lists webhooks, the oldest first; never their secrets",
        ),
        Door::post("/webhooks", create)
            .needs(Ability::WebhooksWrite)
            .named("reachCreateWebhook", TAG, "Registers a receiver; the answer is the only one to show its secret")
            .errors(&[Code::InvalidApiVersion, Code::UnsafeUrl, Code::DuplicateTargetUrl]),
        Door::get("/webhooks/{webhookId}", show)
            .needs(Ability::WebhooksRead)
            .named("reachGetWebhook", TAG, "Answers a webhook; never its secret")
            .errors(&[Code::WebhookNotFound]),
        Door::delete("/webhooks/{webhookId}", remove)
            .needs(Ability::WebhooksWrite)
            .named("reachDeleteWebhook", TAG, "Deletes a webhook; the second time there is none")
            .errors(&[Code::WebhookNotFound]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OneWebhook {
    /// Id of the webhook.
    webhook_id: String,
}

/// Which webhooks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Most webhooks of the page.
    #[serde(default)]
    limit: LongLimit,
    /// Where the page begins; stands in `nextUrl`.
    #[serde(default)]
    cursor: Option<String>,
}

/// A webhook to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "ReachNewWebhook")]
struct NewWebhook {
    /// Where deliveries go. One webhook for an address.
    target_url: String,
    /// Events, by their names.
    events: Vec<String>,
    /// Signs deliveries in `X-Hook-Signature`; they are not signed if left out. 1 to 256 characters.
    #[serde(default)]
    shared_secret: Option<String>,
    /// The version in which it is told; that of the request if left out.
    #[serde(default)]
    api_version: Option<String>,
}

impl Body for NewWebhook {
    fn example() -> Value {
        json!({
            "targetUrl": "https://hooks.example.com/reach",
            "events": ["course.completed", "enrollments.created"],
            "sharedSecret": "a secret of yours",
            "apiVersion": "2023-05-04",
        })
    }
}

/// A webhook.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachWebhook")]
pub(super) struct Object<'a> {
    /// `whk_…`
    id: String,
    /// Where deliveries go.
    target_url: &'a str,
    /// Events, by their names.
    events: &'a [String],
    /// The version in which it is told.
    api_version: &'a str,
    /// Itself.
    url: String,
    /// As it was given; in the answer to making it alone, and only if it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_secret: Option<&'a str>,
}

#[derive(Debug)]
pub(super) struct WebhookView {
    id: Id<id::Webhook>,
    target_url: String,
    events: Vec<String>,
    api_version: String,
    shared_secret: Option<String>,
}

impl WebhookView {
    fn of(webhook: Webhook) -> Self {
        let own = webhook.own_subscription().or(webhook.subscriptions.as_slice().first());
        Self {
            id: webhook.id,
            events: own.map(|one| one.events.clone()).unwrap_or_default(),
            target_url: webhook.url,
            api_version: webhook.api_version.unwrap_or_else(|| Version::default().to_string()),
            shared_secret: None,
        }
    }
}

impl Shown for WebhookView {
    const PLURAL: &'static str = "webhooks";
    type Object<'a> = Object<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> Object<'a> {
        let id = self.id.to_string();
        Object {
            url: links.to("webhooks", &id),
            id,
            target_url: &self.target_url,
            events: &self.events,
            api_version: &self.api_version,
            shared_secret: self.shared_secret.as_deref(),
        }
    }

    fn sample() -> Self {
        Self {
            id: sample::id(),
            target_url: "https://hooks.example.com/reach".into(),
            events: vec!["course.completed".into(), "enrollments.created".into()],
            api_version: "2023-05-04".into(),
            shared_secret: None,
        }
    }
}

/// 201 with the webhook and its secret.
#[derive(Debug)]
struct Made(WebhookView);

impl Reply for Made {
    const STATUS: u16 = 201;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        One::<WebhookView>::shape(schemas)
    }

    fn example(_: &str) -> Option<Value> {
        let made = WebhookView { shared_secret: Some("a secret of yours".into()), ..WebhookView::sample() };
        serde_json::to_value(made.show(Links::new(EXAMPLE))).ok()
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let body = serde_json::to_vec(&self.0.show(Links::new(&wire.base))).map_err(Error::internal)?;
        Ok(HttpResponseBuilder::new(StatusCode::CREATED).content_type("application/json").body(body))
    }
}

async fn list(call: Call<NoPath, Listing, NoBody, Client>) -> Result<List<WebhookView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, "webhooks");
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let found = webhooks::webhooks_after(&mut tx, DialectName::Reach360, (after, limit + 1)).await?;
    cursor.page(found.into_iter().map(WebhookView::of).collect(), (NoHead, limit), |webhook| webhook.id.uuid())
}

async fn create(call: Call<NoPath, NoQuery, NewWebhook, Client>) -> Result<Made> {
    let (scope, new) = (&call.scope.scope, call.body);
    let version = match new.api_version.as_deref() {
        None => call.scope.version,
        named => Version::parse(named).map_err(|_| version::unknown())?,
    };
    check_secret(new.shared_secret.as_deref())?;
    let mut tx = call.app.db.tenant(scope).await?;
    let endpoint = NewEndpoint {
        api_version: Some(version.to_string()),
        secret: new.shared_secret.clone().map_or(SecretWish::Unsigned, SecretWish::Given),
        retry_policy: RetryPolicy::Extended,
        ..NewEndpoint::at(new.target_url, DialectName::Reach360)
    };
    let made = webhooks::add_endpoint(&mut tx, (scope, &call.app.sealer, &call.app.road.targets), endpoint).await;
    let (webhook, _) = made.map_err(in_its_words)?;
    let origin = Origin { source: Source::Institution, request: None, by: scope.person() };
    let told = NewSubscription { events: new.events, scope: None };
    webhooks::subscribe(&mut tx, webhook.id, origin, told).await?;
    let webhook = webhooks::get_webhook(&mut tx, webhook.id).await?;
    tx.commit().await?;
    Ok(Made(WebhookView { shared_secret: new.shared_secret, ..WebhookView::of(webhook) }))
}

async fn show(call: Call<OneWebhook, NoQuery, NoBody, Client>) -> Result<One<WebhookView>> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let webhook = find(&mut tx, &call.path.webhook_id).await?;
    Ok(One(WebhookView::of(webhook)))
}

async fn remove(call: Call<OneWebhook, NoQuery, NoBody, Client>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let webhook = find(&mut tx, &call.path.webhook_id).await?;
    webhooks::delete(&mut tx, webhook.id).await?;
    tx.commit().await?;
    Ok(Done)
}

/// Finds a webhook of this surface; one that is spoken to in another dialect is none.
async fn find(tx: &mut stoa_core::db::TenantTx, webhook: &str) -> Result<Webhook> {
    let none = || Error::new(Code::WebhookNotFound, "no such webhook");
    let id = webhook.parse().map_err(|_| none())?;
    let found = webhooks::get_webhook(tx, id).await?;
    if found.dialect == DialectName::Reach360 { Ok(found) } else { Err(none()) }
}

fn check_secret(secret: Option<&str>) -> Result<()> {
    let Some(secret) = secret else { return Ok(()) };
    let sound = !secret.contains(char::is_control) && (1..=SECRET_MAX).contains(&secret.chars().count());
    let wanted = "wanted 1 to 256 characters, none of them a control character";
    if sound { Ok(()) } else { Err(Error::invalid_field("/sharedSecret", "format", wanted)) }
}

/// Names fields as this surface does.
fn in_its_words(error: Error) -> Error {
    let name = |fault: &FieldFault| {
        let pointer = if fault.pointer == "/url" { "/targetUrl".to_owned() } else { fault.pointer.clone() };
        FieldFault { pointer, ..fault.clone() }
    };
    let fields = error.fields().iter().map(name).collect();
    error.with_fields(fields)
}
