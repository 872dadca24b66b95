//! Approving a request, all of it or a part: endpoints are made or found, and subscribed.

use std::collections::BTreeSet;

use diesel::sql_types::{Array, Integer, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use stoa_protocols::webhook::DialectName;

use super::{
    ItemOutcome, RequestItem, RequestStatus, SubscriptionRequest, announce,
    decisions::{checked_reason, decide, reject_the_rest},
    filing, objects,
    on_behalf::get_on_behalf,
    queries::get_locked,
};
use crate::{NewEndpoint, NewSubscription, Origin, Source, target::TargetPolicy};
use stoa_core::{
    db::{TenantTx, failed, sql},
    error::{Error, FieldFault, Result},
    fields::Fields,
    id::{self, Id},
    scope::Scope,
    sealed::Sealer,
};

const APPROVE_ITEM: &str = "UPDATE subscription_request_items
  SET outcome = $4, approved_events = $5, webhook_id = $6, subscription_id = $7
  WHERE tenant_id = $1 AND request_id = $2 AND number = $3";

/// What of a request is approved. Nothing given means everything.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    /// Only these items, by their numbers.
    pub items: Option<Vec<i32>>,
    /// Only these event types, in the dialect's names; `quiz_stat` means both its events.
    pub events: Option<Vec<String>>,
    /// Why the rest is not; must be said where there is a rest.
    pub reason: Option<String>,
}

/// An item with the types that it is approved with.
struct Chosen<'a> {
    item: &'a RequestItem,
    events: Vec<String>,
    outcome: ItemOutcome,
}

/// Approves a request, or a part of it; what is left is rejected.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when it was decided already, and when an address is spoken to in
/// another dialect.
pub async fn approve(
    tx: &mut TenantTx,
    with: (&Scope, &Sealer, &TargetPolicy),
    id: Id<id::SubscriptionRequest>,
    approval: Approval,
) -> Result<SubscriptionRequest> {
    let before = get_locked(tx, id).await?;
    announce::still_open(&before)?;
    let chosen = choose(&before, &approval)?;
    let is_whole = chosen.len() == before.items.len() && chosen.iter().all(|one| one.outcome == ItemOutcome::Approved);
    let reason = match approval.reason {
        None if is_whole => None,
        reason => checked_reason(reason, "say why the rest is not approved, for the requester is told")?,
    };
    for one in &chosen {
        subscribe(tx, with, &before, one).await.map_err(|error| of_item(error, one.item.number))?;
    }
    reject_the_rest(tx, id).await?;
    decide(tx, &before, RequestStatus::Approved, reason).await
}

fn choose<'a>(request: &'a SubscriptionRequest, approval: &Approval) -> Result<Vec<Chosen<'a>>> {
    let mut fields = Fields::new();
    for (at, number) in approval.items.iter().flatten().enumerate() {
        if !request.items.iter().any(|item| item.number == *number) {
            fields.fault(format!("/items/{at}"), "not_found", "the request has no item of this number");
        }
    }
    let dialect = request.dialect.dialect();
    let events = approval.events.as_ref().map(|events| filing::events(&mut fields, "/events", dialect, events));
    fields.finish()?;
    let wanted: Option<BTreeSet<String>> =
        events.map(|events| filing::written_out(dialect, &events).into_iter().collect());
    let is_wanted = |item: &&RequestItem| approval.items.as_ref().is_none_or(|items| items.contains(&item.number));
    let chosen: Vec<Chosen<'_>> = (request.items.iter().filter(is_wanted))
        .filter_map(|item| of_types(request.dialect, item, wanted.as_ref()))
        .collect();
    if chosen.is_empty() {
        return Err(Error::invalid_field("", "empty", "this approves nothing of what is requested; reject it instead"));
    }
    Ok(chosen)
}

/// An item with those of its types that are wanted; none if there is none.
fn of_types<'a>(name: DialectName, item: &'a RequestItem, wanted: Option<&BTreeSet<String>>) -> Option<Chosen<'a>> {
    let asked = filing::written_out(name.dialect(), &item.events);
    let events: Vec<String> =
        asked.iter().filter(|event| wanted.is_none_or(|wanted| wanted.contains(*event))).cloned().collect();
    match events.len() {
        0 => None,
        // As it was asked for: a `*` stays one.
        all if all == asked.len() => Some(Chosen { item, events: item.events.clone(), outcome: ItemOutcome::Approved }),
        _ => Some(Chosen { item, events, outcome: ItemOutcome::PartlyApproved }),
    }
}

async fn subscribe(
    tx: &mut TenantTx,
    with: (&Scope, &Sealer, &TargetPolicy),
    request: &SubscriptionRequest,
    one: &Chosen<'_>,
) -> Result<()> {
    // The secret of a new endpoint is shown to nobody: the institution has it replaced when it wants to verify.
    let (webhook, _) = crate::endpoint_for(tx, with, NewEndpoint::at(&one.item.url, request.dialect)).await?;
    let origin = Origin { source: Source::Request, request: Some(request.id), by: None };
    let scope = one.item.scope.as_deref().map(objects::keys);
    let new = NewSubscription { events: one.events.clone(), scope };
    let subscription = crate::subscribe(tx, webhook.id, origin, new).await?;
    crate::sign_subscription(tx, subscription.id, with.0.name.as_deref(), None).await?;
    let made = get_on_behalf(tx, subscription.id).await?;
    announce::subscribed_by_request(tx, &made);
    let tenant = tx.tenant();
    sql(APPROVE_ITEM)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(request.id)
        .bind::<Integer, _>(one.item.number)
        .bind::<Text, _>(one.outcome.as_str())
        .bind::<Array<Text>, _>(&one.events)
        .bind::<SqlUuid, _>(webhook.id)
        .bind::<SqlUuid, _>(subscription.id)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Says which item an error is about.
fn of_item(error: Error, number: i32) -> Error {
    let fields: Vec<FieldFault> = (error.fields().iter())
        .map(|fault| FieldFault::new(format!("/items/{number}{}", fault.pointer), fault.code, fault.detail.clone()))
        .collect();
    let words = format!("item {number}: {}", error.outside());
    if error.code().status() >= 500 { error } else { Error::new(error.code(), words).with_fields(fields) }
}
