//! What support does with a request besides approving it.

use diesel::sql_types::{Array, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    ItemTest, RequestStatus, SubscriptionRequest, announce,
    filing::REASON_MAX,
    queries::{get, get_locked},
};
use stoa_core::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    fields::Fields,
    id::{self, Id},
    scope::Actor,
};

const BEGIN_TEST: &str = "UPDATE subscription_requests SET status = 'testing', updated_at = $3
  WHERE tenant_id = $1 AND id = $2 AND status = 'requested'";
const NOTE_TESTS: &str = "UPDATE subscription_request_items i SET test = t.test
  FROM unnest($3, $4) AS t(number, test) WHERE i.tenant_id = $1 AND i.request_id = $2 AND i.number = t.number";
const DECIDE: &str = "UPDATE subscription_requests
  SET status = $3, decision = $4, decided_by = $5, decided_name = $6, decided_at = $7, updated_at = $7
  WHERE tenant_id = $1 AND id = $2";
const REJECT_ITEMS: &str = "UPDATE subscription_request_items SET outcome = 'rejected'
  WHERE tenant_id = $1 AND request_id = $2 AND outcome = 'pending'";

/// Says that a request is being tested, and answers it.
///
/// # Errors
/// `not_found`; `conflict` when it is not open any more.
pub async fn begin_test(tx: &mut TenantTx, id: Id<id::SubscriptionRequest>) -> Result<SubscriptionRequest> {
    announce::still_open(&get_locked(tx, id).await?)?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(BEGIN_TEST).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    statement.execute(tx.connection()).await.map_err(failed)?;
    get(tx, id).await
}

/// Writes down what came of the tests of items, by their numbers.
///
/// # Errors
/// As the database says.
pub async fn note_tests(
    tx: &mut TenantTx,
    id: Id<id::SubscriptionRequest>,
    tests: &[(i32, ItemTest)],
) -> Result<SubscriptionRequest> {
    let tenant = tx.tenant();
    let values = tests.iter().map(|(_, test)| serde_json::to_value(test).map_err(Error::internal));
    sql(NOTE_TESTS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Array<Integer>, _>(tests.iter().map(|(number, _)| *number).collect::<Vec<_>>())
        .bind::<Array<Jsonb>, _>(values.collect::<Result<Vec<_>>>()?)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let results =
        tests.iter().map(|(number, test)| json!({ "item": number, "received": test.received, "error": test.error }));
    tx.audit(Entry::of("subscription_request.tested", id).is(results.collect::<Vec<_>>().into()));
    get(tx, id).await
}

/// Rejects a request, for a reason that the requester is told.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when it was decided already.
pub async fn reject(tx: &mut TenantTx, id: Id<id::SubscriptionRequest>, reason: String) -> Result<SubscriptionRequest> {
    let reason = checked_reason(Some(reason), "say why, for the requester is told")?;
    let before = get_locked(tx, id).await?;
    announce::still_open(&before)?;
    reject_the_rest(tx, id).await?;
    decide(tx, &before, RequestStatus::Rejected, reason).await
}

/// Lets a request expire.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when it was decided already.
pub async fn expire(
    tx: &mut TenantTx,
    id: Id<id::SubscriptionRequest>,
    reason: Option<String>,
) -> Result<SubscriptionRequest> {
    let reason = match reason {
        Some(text) => checked_reason(Some(text), "leave it out where there is none")?,
        None => None,
    };
    let before = get_locked(tx, id).await?;
    announce::still_open(&before)?;
    decide(tx, &before, RequestStatus::Expired, reason).await
}

/// Trims a reason of support's; `wanted` says why an empty one will not do.
pub(super) fn checked_reason(reason: Option<String>, wanted: &str) -> Result<Option<String>> {
    let mut fields = Fields::new();
    let mut text = reason.unwrap_or_default();
    fields.text("/reason", &mut text, REASON_MAX);
    if text.is_empty() {
        fields.fault("/reason", "length", wanted);
    }
    fields.finish()?;
    Ok(Some(text))
}

/// Rejects the items that were not approved.
pub(super) async fn reject_the_rest(tx: &mut TenantTx, id: Id<id::SubscriptionRequest>) -> Result<()> {
    let tenant = tx.tenant();
    let statement = sql(REJECT_ITEMS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    statement.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Closes a request and tells of it.
pub(super) async fn decide(
    tx: &mut TenantTx,
    before: &SubscriptionRequest,
    status: RequestStatus,
    reason: Option<String>,
) -> Result<SubscriptionRequest> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let by = tx.by().and_then(|by| match by.actor {
        Actor::Staff(staff) => Some((staff, by.name.as_deref().unwrap_or_default().to_owned())),
        Actor::Person(_) | Actor::Integration(_) | Actor::House => None,
    });
    let (staff, name) = by.unzip();
    sql(DECIDE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(before.id)
        .bind::<Text, _>(status.as_str())
        .bind::<Nullable<Text>, _>(reason)
        .bind::<Nullable<SqlUuid>, _>(staff)
        .bind::<Nullable<Text>, _>(name)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let after = get(tx, before.id).await?;
    announce::decided(tx, before, &after);
    Ok(after)
}
