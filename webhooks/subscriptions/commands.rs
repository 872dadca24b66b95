//! What may be done with subscriptions.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    Hand, NewSubscription, Origin, ScopeKeys, Subscription, SubscriptionChange, check_events, get_subscription,
    scope::{Limits, resolve},
};
use crate::{Source, Webhook, commands::told, queries::get_webhook};
use stoa_core::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
};

/// Most subscriptions of one endpoint.
const SUBSCRIPTIONS_MAX: i64 = 500;

/// Makes a subscription. What support makes, it notes and tells of itself.
///
/// # Errors
/// `webhook_not_found`, `validation_failed`; `conflict` at the most that an endpoint may have.
pub async fn subscribe(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    origin: Origin,
    new: NewSubscription,
) -> Result<Subscription> {
    let made = subscribe_first(tx, webhook, origin, new).await?;
    if made.source == Source::Institution {
        tx.audit(Entry::of("subscription.created", made.id).is(told(&made)));
    }
    Ok(made)
}

/// Makes the subscription that comes with its endpoint, of which the endpoint's own entry tells.
pub(crate) async fn subscribe_first(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    origin: Origin,
    new: NewSubscription,
) -> Result<Subscription> {
    let endpoint = get_webhook(tx, webhook).await?;
    let mut fields = Fields::new();
    let events = check_events(&mut fields, endpoint.dialect.dialect(), &new.events);
    fields.finish()?;
    let scope = resolve(tx, new.scope.as_ref()).await?;
    let id = insert(tx, webhook, origin, (events, scope)).await?;
    get_subscription(tx, webhook, id).await
}

/// Says who of the platform's staff made a subscription, and why.
///
/// # Errors
/// As the database says.
pub async fn sign_subscription(
    tx: &mut TenantTx,
    subscription: Id<id::Subscription>,
    made_by: Option<&str>,
    reason: Option<&str>,
) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sql("UPDATE subscriptions SET made_by = $3, reason = $4 WHERE tenant_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(subscription.uuid())
        .bind::<Nullable<Text>, _>(made_by)
        .bind::<Nullable<Text>, _>(reason)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Changes a subscription.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` where it is not the actor's to change.
pub async fn change_subscription(
    tx: &mut TenantTx,
    (webhook, subscription): (Id<id::Webhook>, Id<id::Subscription>),
    hand: Hand,
    change: SubscriptionChange,
) -> Result<Subscription> {
    let endpoint = get_webhook(tx, webhook).await?;
    let found = get_subscription(tx, webhook, subscription).await?;
    check_hand(hand, &found)?;
    write(tx, &endpoint, &found, change).await?;
    let changed = get_subscription(tx, webhook, subscription).await?;
    tx.audit(Entry::of("subscription.changed", subscription).was(told(&found)).is(told(&changed)));
    Ok(changed)
}

/// Ends a subscription. What is owed already stays owed.
///
/// # Errors
/// `not_found`, also the second time; `conflict` where it is not the actor's to end.
pub async fn unsubscribe(
    tx: &mut TenantTx,
    (webhook, subscription): (Id<id::Webhook>, Id<id::Subscription>),
    hand: Hand,
) -> Result<()> {
    get_webhook(tx, webhook).await?;
    let found = get_subscription(tx, webhook, subscription).await?;
    check_hand(hand, &found)?;
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("UPDATE subscriptions SET deleted_at = $3, updated_at = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(subscription.uuid())
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    if hand == Hand::Institution {
        tx.audit(Entry::of("subscription.deleted", subscription).was(told(&found)));
    }
    Ok(())
}

/// Writes the institution's own first subscription, as a change of the whole endpoint asks.
///
/// # Errors
/// `validation_failed`, also when limits are given for a subscription that is not there.
pub(crate) async fn write_own(
    tx: &mut TenantTx,
    webhook: &Webhook,
    by: Option<Id<id::User>>,
    change: SubscriptionChange,
) -> Result<()> {
    if let Some(own) = webhook.own_subscription() {
        return write(tx, webhook, own, change).await;
    }
    let origin = Origin { source: Source::Institution, request: None, by };
    match (change.events, change.scope) {
        (Some(events), scope) => {
            subscribe_first(tx, webhook.id, origin, NewSubscription { events, scope: scope.flatten() }).await.map(drop)
        }
        (None, Some(_)) => {
            Err(Error::invalid_field("/events", "required", "there is no subscription to limit; say the events too"))
        }
        (None, None) => Ok(()),
    }
}

/// Ends all subscriptions of an endpoint that is deleted.
pub(crate) async fn delete_all(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("UPDATE subscriptions SET deleted_at = $3, updated_at = $3
         WHERE tenant_id = $1 AND webhook_id = $2 AND deleted_at IS NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

fn check_hand(hand: Hand, subscription: &Subscription) -> Result<()> {
    if hand.may_change(subscription.source) {
        return Ok(());
    }
    let why = match hand {
        Hand::Institution => {
            "support made this subscription, and only support changes it; pause or delete the webhook to stop it at once"
        }
        Hand::Support => "this subscription is the institution's own; only the institution changes it",
    };
    Err(Error::new(Code::Conflict, why))
}

async fn insert(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    origin: Origin,
    (events, limits): (Vec<String>, Option<Limits>),
) -> Result<Id<id::Subscription>> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let there: Count =
        sql("SELECT count(*) FROM subscriptions WHERE tenant_id = $1 AND webhook_id = $2 AND deleted_at IS NULL")
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(webhook.uuid())
            .get_result(tx.connection())
            .await
            .map_err(failed)?;
    if there.count >= SUBSCRIPTIONS_MAX {
        let why =
            format!("the webhook has {SUBSCRIPTIONS_MAX} subscriptions, which is the most; name more objects in one");
        return Err(Error::new(Code::Conflict, why));
    }
    let id: Id<id::Subscription> = tx.new_id();
    let (scope_ids, scope_kinds) = limits.unzip();
    sql("INSERT INTO subscriptions (tenant_id, id, webhook_id, events, scope_ids, scope_kinds, source, request_id, created_by,
           created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Array<Text>, _>(events)
    .bind::<Nullable<Array<SqlUuid>>, _>(scope_ids)
    .bind::<Nullable<Array<Text>>, _>(scope_kinds)
    .bind::<Text, _>(origin.source.as_str())
    .bind::<Nullable<SqlUuid>, _>(origin.request.map(Id::uuid))
    .bind::<Nullable<SqlUuid>, _>(origin.by.map(Id::uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(id)
}

async fn write(
    tx: &mut TenantTx,
    webhook: &Webhook,
    subscription: &Subscription,
    change: SubscriptionChange,
) -> Result<()> {
    let mut fields = Fields::new();
    let dialect = webhook.dialect.dialect();
    let events = change.events.as_ref().map(|events| check_events(&mut fields, dialect, events));
    fields.finish()?;
    let limits: Option<&ScopeKeys> = change.scope.as_ref().and_then(Option::as_ref);
    let (scope_ids, scope_kinds) = resolve(tx, limits).await?.unzip();
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("UPDATE subscriptions SET events = COALESCE($3, events), scope_ids = CASE WHEN $4 THEN $5 ELSE scope_ids END,
           scope_kinds = CASE WHEN $4 THEN $6 ELSE scope_kinds END, updated_at = $7
         WHERE tenant_id = $1 AND id = $2")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(subscription.id.uuid())
    .bind::<Nullable<Array<Text>>, _>(events)
    .bind::<Bool, _>(change.scope.is_some())
    .bind::<Nullable<Array<SqlUuid>>, _>(scope_ids)
    .bind::<Nullable<Array<Text>>, _>(scope_kinds)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}
