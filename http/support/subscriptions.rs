//! Subscriptions that support makes on an institution's behalf, at once and without a request.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Code, Error, Id, Key, Result, db::TenantTx, id, institutions};
use stoa_protocols::webhook::DialectName;
use stoa_webhooks::{
    Source,
    subscription_requests::{self as requests, OnBehalf, RequestScope},
};

use super::TAG;
use crate::{
    App,
    api::may_call,
    body::{Body, NoBody},
    caller::Staff,
    doors::{Call, Created, Data, Done, Door, Listed, NoQuery, Sample, sample},
    page::Paging,
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let (all, one) = (
        "/api/support/institutions/{institution}/subscriptions",
        "/api/support/institutions/{institution}/subscriptions/{subscription}",
    );
    vec![
        Door::get(all, list).named("listSupportSubscriptions", TAG, "Lists what support subscribed an institution to"),
        Door::post(all, subscribe)
            .named("subscribeOnBehalf", TAG, "Subscribes an institution's receiver, which is made if it is not there")
            .errors(&[Code::UnsafeUrl, Code::Conflict]),
        Door::get(one, show).named("getSupportSubscription", TAG, "Shows a subscription that support made"),
        Door::delete(one, unsubscribe).named("unsubscribeOnBehalf", TAG, "Ends a subscription that support made"),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id, number, or `external_id:` and the operator's key of the institution.
    institution: Key<id::Institution>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneSubscription {
    /// Id, number, or `external_id:` and the operator's key of the institution.
    institution: Key<id::Institution>,
    /// Id of the subscription.
    subscription: Id<id::Subscription>,
}

/// A subscription to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewOnBehalf {
    /// Where deliveries go. The institution's webhook at this address is used, or made.
    url: String,
    /// How the receiver wants to be spoken to; `teachbase` if left out.
    #[serde(default)]
    dialect: Option<DialectName>,
    /// Event types, in the dialect's names: `quiz_stat.created`, `quiz_stat` for both its events, `*` for all.
    events: Vec<String>,
    /// Limits it to what happens in given courses, lessons and items; all if left out.
    #[serde(default)]
    scope: Option<RequestScope>,
    /// Why, in words that the institution is shown: 1 to 2000 characters.
    reason: String,
}

impl Body for NewOnBehalf {
    fn example() -> Value {
        json!({
            "url": "https://hooks.example.com/teachbase",
            "dialect": "teachbase",
            "events": ["quiz_stat", "task_stat.updated"],
            "reason": "As agreed by telephone on 21 November",
        })
    }
}

/// Why it ends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ending {
    /// In words that the institution is shown.
    #[serde(default)]
    reason: Option<String>,
}

/// A subscription that support made, by itself or from a request.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SupportSubscription")]
struct OnBehalfView {
    /// Id.
    id: Id<id::Subscription>,
    /// The institution's webhook.
    webhook_id: Id<id::Webhook>,
    /// Where deliveries go.
    url: String,
    /// How the receiver is spoken to.
    dialect: DialectName,
    /// Event types, in the dialect's names.
    events: Vec<String>,
    /// Courses, lessons and items that it is limited to; null means all.
    scope: Option<Vec<String>>,
    /// `support`, or `request` where it came from one.
    source: Source,
    /// The request that it came from.
    subscription_request_id: Option<Id<id::SubscriptionRequest>>,
    /// Who of the staff made it.
    by: Option<String>,
    /// Why.
    reason: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<OnBehalf> for OnBehalfView {
    fn from(one: OnBehalf) -> Self {
        Self {
            id: one.id,
            webhook_id: one.webhook_id,
            url: one.url,
            dialect: one.dialect,
            events: one.events,
            scope: one.scope.map(|scope| scope.iter().map(ToString::to_string).collect()),
            source: one.source,
            subscription_request_id: one.request_id,
            by: one.by,
            reason: one.reason,
            created_at: one.created_at,
        }
    }
}

async fn list(call: Call<OneInstitution, Paging, NoBody, Staff>) -> Result<Listed<OnBehalfView>> {
    let mut tx = begin(&call.app, &call.scope, &call.path.institution).await?;
    let page = call.query.asked();
    Ok(Listed(requests::list_on_behalf(&mut tx, page).await?.map(OnBehalfView::from)))
}

async fn subscribe(call: Call<OneInstitution, NoQuery, NewOnBehalf, Staff>) -> Result<Created<OnBehalfView>> {
    let app = &call.app;
    // Found first: an institution that is not there is a 404, whatever the body says.
    let mut tx = begin(app, &call.scope, &call.path.institution).await?;
    may_call(app, "/url", &call.body.url).await?;
    let NewOnBehalf { url, dialect, events, scope, reason } = call.body;
    let new = requests::NewOnBehalf { url, dialect: dialect.unwrap_or(DialectName::Teachbase), events, scope, reason };
    let scope = call.scope.on_behalf_of(tx.tenant());
    let made = requests::subscribe_on_behalf(&mut tx, (&scope, &app.sealer, &app.road.targets), new).await?;
    let path = format!("/api/support/institutions/{}/subscriptions/{}", tx.tenant(), made.id);
    tx.commit().await?;
    Ok(Created::at(path, made.into()))
}

async fn show(call: Call<OneSubscription, NoQuery, NoBody, Staff>) -> Result<Data<OnBehalfView>> {
    let mut tx = begin(&call.app, &call.scope, &call.path.institution).await?;
    Ok(Data(requests::get_on_behalf(&mut tx, call.path.subscription).await?.into()))
}

async fn unsubscribe(call: Call<OneSubscription, Ending, NoBody, Staff>) -> Result<Done> {
    let mut tx = begin(&call.app, &call.scope, &call.path.institution).await?;
    requests::unsubscribe_on_behalf(&mut tx, call.path.subscription, call.query.reason).await?;
    tx.commit().await?;
    Ok(Done)
}

/// Begins a transaction inside the institution that is named.
async fn begin(app: &App, staff: &Staff, key: &Key<id::Institution>) -> Result<TenantTx> {
    let mut tx = app.db.house().await?;
    let found = institutions::find(&mut tx, key).await?.ok_or_else(|| Error::not_found("institution"))?;
    drop(tx);
    app.db.tenant(&staff.on_behalf_of(found.tenant_id)).await
}

impl Sample for OnBehalfView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            webhook_id: sample::id(),
            url: "https://hooks.example.com/teachbase".into(),
            dialect: DialectName::Teachbase,
            events: vec!["quiz_stat.created".into(), "quiz_stat.updated".into()],
            scope: Some(vec![sample::id::<id::Course>().to_string()]),
            source: Source::Support,
            subscription_request_id: None,
            by: Some("Vera".into()),
            reason: Some("As agreed by telephone on 21 November".into()),
            created_at: sample::time(),
        }
    }
}
