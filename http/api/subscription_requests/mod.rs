//! Requests for subscriptions: what was a letter to support, as a queue.
//!
//! Not here: what support does with them (`http::support`).

mod views;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, FieldFault, Id, Result, id};
use stoa_webhooks::subscription_requests::{self as requests, NewSubscriptionRequest, RequestStatus};

pub(crate) use views::RequestView;

use crate::{
    App,
    body::Body,
    doors::{Call, Data, Done, Door, Listed, NoPath, NoQuery, Put},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Subscription requests";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let (all, one) =
        ("/api/integrations/subscription-requests", "/api/integrations/subscription-requests/{subscription_request}");
    vec![
        Door::get(all, list).needs(Ability::WebhooksRead).named(
            "listSubscriptionRequests",
            TAG,
            "Lists requests for subscriptions, the newest first",
        ),
        Door::post(all, file)
            .needs(Ability::WebhooksWrite)
            .named(
                "fileSubscriptionRequest",
                TAG,
                "Asks support for subscriptions; 200 and the one that is there for the same request under the same external id",
            )
            .errors(&[Code::UnsafeUrl, Code::Conflict]),
        Door::get(one, show).needs(Ability::WebhooksRead).named(
            "getSubscriptionRequest",
            TAG,
            "Shows a request, with the outcome of each of its items",
        ),
        Door::delete(one, withdraw)
            .needs(Ability::WebhooksWrite)
            .named("withdrawSubscriptionRequest", TAG, "Withdraws a request that was not decided yet")
            .errors(&[Code::Conflict]),
    ]
}

/// Which requests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Only those with this status.
    #[serde(default)]
    status: Option<RequestStatus>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneRequest {
    /// Id of the request.
    subscription_request: Id<id::SubscriptionRequest>,
}

impl Body for NewSubscriptionRequest {
    fn example() -> Value {
        json!({
            "dialect": "teachbase",
            "reason": "Quiz results for the HR system",
            "items": [
                { "url": "https://hooks.example.com/teachbase/quizzes", "events": ["quiz_stat"] },
                { "url": "https://hooks.example.com/teachbase/courses", "events": ["course_stat.updated"] },
            ],
        })
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<RequestView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = asked(call.query.page, call.query.per_page);
    Ok(Listed(requests::list(&mut tx, call.query.status, page).await?.map(RequestView::of)))
}

async fn file(call: Call<NoPath, NoQuery, NewSubscriptionRequest>) -> Result<Put<RequestView>> {
    let app = &call.app;
    for (at, item) in call.body.items.iter().take(requests::ITEMS_MAX).enumerate() {
        may_call(app, &format!("/items/{at}/url"), &item.url).await?;
    }
    let mut tx = app.db.tenant(&call.scope).await?;
    let life = TimeDelta::days(app.settings.requests_expire_days.into());
    let filed = requests::file(&mut tx, (&call.scope, &app.road.targets, life), call.body).await?;
    tx.commit().await?;
    Ok(Put { data: RequestView::of(filed.request), is_new: filed.is_new })
}

async fn show(call: Call<OneRequest>) -> Result<Data<RequestView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(RequestView::of(requests::get(&mut tx, call.path.subscription_request).await?)))
}

async fn withdraw(call: Call<OneRequest>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    requests::withdraw(&mut tx, call.path.subscription_request).await?;
    tx.commit().await?;
    Ok(Done)
}

/// Refuses an address whose name leads inside, before anything is written. It is asked again at every connection.
pub(crate) async fn may_call(app: &App, pointer: &str, url: &str) -> Result<()> {
    let target = app.road.targets.check(url).map_err(|fault| fault.at(pointer))?;
    if app.road.post_room.permits(target.as_str()).await {
        return Ok(());
    }
    let why = format!("{} leads to an address that may not be called", target.host());
    Err(Error::new(Code::UnsafeUrl, why.clone()).with_fields(vec![FieldFault::new(pointer, "address", why)]))
}
