//! The queue of requests for subscriptions, and what support does with one.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Code, Error, Id, Key, Result, TenantId, db::TenantTx, id, institutions};
use stoa_jobs::{
    Queue as JobQueue,
    mail::SubscriptionRequestLetter,
    queue::{NewJob, enqueue},
};
use stoa_webhooks::subscription_requests::{self as requests, Approval, RequestStatus, SubscriptionRequest};

use super::{
    TAG,
    queue::{Queue, QueuedView},
    trial,
};
use crate::{
    App,
    body::{Body, NoBody},
    caller::Staff,
    doors::{Call, Data, Door, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let one = "/api/support/subscription-requests/{subscription_request}";
    vec![
        Door::get("/api/support/subscription-requests", list)
            .named("listSupportQueue", TAG, "Lists requests of all institutions, the oldest first, and counts them")
            .errors(&[Code::NotFound]),
        Door::get(one, show).named("getQueuedRequest", TAG, "Shows a request"),
        Door::post("/api/support/subscription-requests/{subscription_request}/test", test)
            .named("testQueuedRequest", TAG, "Sends each address a sample, marked as a test, and shows what came of it")
            .errors(&[Code::Conflict]),
        Door::post("/api/support/subscription-requests/{subscription_request}/approve", approve)
            .named("approveQueuedRequest", TAG, "Approves a request or a part of it, and subscribes its receivers")
            .errors(&[Code::Conflict, Code::UnsafeUrl]),
        Door::post("/api/support/subscription-requests/{subscription_request}/reject", reject)
            .named("rejectQueuedRequest", TAG, "Rejects a request, for a reason that the requester is told")
            .errors(&[Code::Conflict]),
        Door::post("/api/support/subscription-requests/{subscription_request}/expire", expire)
            .named("expireQueuedRequest", TAG, "Lets a request expire before its time")
            .errors(&[Code::Conflict]),
    ]
}

/// Which requests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Only those with this status; the open ones if left out.
    #[serde(default)]
    status: Option<RequestStatus>,
    /// Only those of this institution: id, number, or `external_id:` and the operator's key of it.
    #[serde(default)]
    institution: Option<Key<id::Institution>>,
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

/// Why a request is rejected.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rejection {
    /// In words for the requester: 1 to 2000 characters.
    reason: String,
}

/// Why a request expires.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Expiry {
    /// In words for the requester; left out where there is nothing to say.
    #[serde(default)]
    reason: Option<String>,
}

impl Body for Approval {
    fn example() -> Value {
        json!({ "items": [1], "events": ["quiz_stat"], "reason": "Only quizzes, as the agreement says" })
    }
}

impl Body for Rejection {
    fn example() -> Value {
        json!({ "reason": "The address answers with a sign-in page" })
    }
}

impl Body for Expiry {
    fn example() -> Value {
        json!({})
    }
}

type Answer = Result<Data<QueuedView>>;

async fn list(call: Call<NoPath, Listing, NoBody, Staff>) -> Result<Queue> {
    let mut tx = call.app.db.house().await?;
    let tenant = match &call.query.institution {
        Some(key) => Some(institutions::find(&mut tx, key).await?.ok_or_else(|| Error::not_found("institution"))?),
        None => None,
    };
    let tenant = tenant.map(|institution| institution.tenant_id);
    let page = asked(call.query.page, call.query.per_page);
    let page = requests::list_queue(&mut tx, (call.query.status, tenant), page).await?;
    Ok(Queue { page: page.map(QueuedView::of), counts: requests::counts(&mut tx, tenant).await? })
}

async fn show(call: Call<OneRequest, NoQuery, NoBody, Staff>) -> Answer {
    let id = call.path.subscription_request;
    let mut tx = begin(&call.app, &call.scope, id).await?;
    Ok(Data(QueuedView::of(requests::get(&mut tx, id).await?)))
}

async fn test(call: Call<OneRequest, NoQuery, NoBody, Staff>) -> Answer {
    let (app, id) = (&call.app, call.path.subscription_request);
    let mut tx = begin(app, &call.scope, id).await?;
    let request = requests::begin_test(&mut tx, id).await?;
    // No transaction is open while strangers are asked.
    tx.commit().await?;
    let scope = call.scope.on_behalf_of(request.tenant);
    let tests = trial::of_all(app, &scope, &request).await?;
    let mut tx = app.db.tenant(&scope).await?;
    let request = requests::note_tests(&mut tx, id, &tests).await?;
    tx.commit().await?;
    Ok(Data(QueuedView::of(request)))
}

async fn approve(call: Call<OneRequest, NoQuery, Option<Approval>, Staff>) -> Answer {
    let (app, id) = (&call.app, call.path.subscription_request);
    let mut tx = begin(app, &call.scope, id).await?;
    let scope = call.scope.on_behalf_of(tx.tenant());
    let with = (&scope, &app.sealer, &app.road.targets);
    let request = requests::approve(&mut tx, with, id, call.body.unwrap_or_default()).await?;
    tell(app, tx, request).await
}

async fn reject(call: Call<OneRequest, NoQuery, Rejection, Staff>) -> Answer {
    let id = call.path.subscription_request;
    let mut tx = begin(&call.app, &call.scope, id).await?;
    let request = requests::reject(&mut tx, id, call.body.reason).await?;
    tell(&call.app, tx, request).await
}

async fn expire(call: Call<OneRequest, NoQuery, Option<Expiry>, Staff>) -> Answer {
    let id = call.path.subscription_request;
    let mut tx = begin(&call.app, &call.scope, id).await?;
    let request = requests::expire(&mut tx, id, call.body.unwrap_or_default().reason).await?;
    tell(&call.app, tx, request).await
}

/// Begins a transaction inside the institution whose request it is.
async fn begin(app: &App, staff: &Staff, id: Id<id::SubscriptionRequest>) -> Result<TenantTx> {
    let mut tx = app.db.house().await?;
    let tenant: TenantId = requests::owner_of(&mut tx, id).await?;
    drop(tx);
    app.db.tenant(&staff.on_behalf_of(tenant)).await
}

/// Promises the letter with the decision that it tells of.
async fn tell(app: &App, mut tx: TenantTx, request: SubscriptionRequest) -> Answer {
    let letter = SubscriptionRequestLetter { tenant: request.tenant, request: request.id, reader: None };
    enqueue(&mut tx, NewJob::of(request.tenant, &letter)?).await?;
    tx.commit().await?;
    app.road.wakes.wake(JobQueue::Mail);
    Ok(Data(QueuedView::of(request)))
}
