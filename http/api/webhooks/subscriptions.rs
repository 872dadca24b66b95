//! Subscriptions: what a webhook is told of.
//!
//! Not here: those that support makes (`support`).

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Id, Result, id};
use stoa_webhooks as webhooks;
use stoa_webhooks::{Hand, NewSubscription, Origin, Source, SubscriptionChange};

use super::{OneWebhook, TAG, views::SubscriptionView};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoQuery},
    page::Paging,
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let all = "/api/integrations/webhooks/{webhook}/subscriptions";
    let one = "/api/integrations/webhooks/{webhook}/subscriptions/{subscription}";
    vec![
        Door::get(all, list)
            .needs(Ability::WebhooksRead)
            .named("listSubscriptions", TAG, "Lists what a webhook is told of, the oldest first")
            .errors(&[Code::WebhookNotFound]),
        Door::post(all, create)
            .needs(Ability::WebhooksWrite)
            .named("createSubscription", TAG, "Subscribes a webhook to more; an event is sent once, however many match")
            .errors(&[Code::WebhookNotFound, Code::Conflict]),
        Door::get(one, show).needs(Ability::WebhooksRead).named("getSubscription", TAG, "Shows a subscription"),
        Door::patch(one, change)
            .needs(Ability::WebhooksWrite)
            .named("changeSubscription", TAG, "Changes a subscription of your own")
            .errors(&[Code::WebhookNotFound, Code::Conflict]),
        Door::delete(one, remove)
            .needs(Ability::WebhooksWrite)
            .named("deleteSubscription", TAG, "Ends a subscription of your own; what is owed already is sent")
            .errors(&[Code::WebhookNotFound, Code::Conflict]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneSubscription {
    /// Id of the webhook.
    webhook: Id<id::Webhook>,
    /// Id of the subscription.
    subscription: Id<id::Subscription>,
}

impl Body for NewSubscription {
    fn example() -> Value {
        json!({ "events": ["lesson.completed"] })
    }
}

impl Body for SubscriptionChange {
    fn example() -> Value {
        json!({ "events": ["*"], "scope": null })
    }
}

async fn list(call: Call<OneWebhook, Paging>) -> Result<Listed<SubscriptionView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = call.query.asked();
    let found = webhooks::list_subscriptions(&mut tx, call.path.webhook, page).await?;
    Ok(Listed(found.map(Into::into)))
}

async fn create(call: Call<OneWebhook, NoQuery, NewSubscription>) -> Result<Created<SubscriptionView>> {
    let webhook = call.path.webhook;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let origin = Origin { source: Source::Institution, request: None, by: call.scope.person() };
    let made = webhooks::subscribe(&mut tx, webhook, origin, call.body).await?;
    tx.commit().await?;
    let path = format!("/api/integrations/webhooks/{webhook}/subscriptions/{}", made.id);
    Ok(Created::at(path, made.into()))
}

async fn show(call: Call<OneSubscription>) -> Result<Data<SubscriptionView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let found = webhooks::get_subscription(&mut tx, call.path.webhook, call.path.subscription).await?;
    Ok(Data(found.into()))
}

async fn change(call: Call<OneSubscription, NoQuery, SubscriptionChange>) -> Result<Data<SubscriptionView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let at = (call.path.webhook, call.path.subscription);
    let changed = webhooks::change_subscription(&mut tx, at, Hand::Institution, call.body).await?;
    tx.commit().await?;
    Ok(Data(changed.into()))
}

async fn remove(call: Call<OneSubscription>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    webhooks::unsubscribe(&mut tx, (call.path.webhook, call.path.subscription), Hand::Institution).await?;
    tx.commit().await?;
    Ok(Done)
}
