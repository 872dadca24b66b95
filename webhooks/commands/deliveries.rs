//! What may be done with deliveries.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    Delivery, DeliveryStatus, WebhookStatus,
    queries::{get_delivery, get_webhook},
};
use stoa_core::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id, TenantId},
};

/// Owes a delivery once more, whatever became of it: the same bytes, to the address that the receiver has today, in a
/// new retry window, attempts counted on.
/// Whoever calls promises the work in the same transaction. What a later state had replaced is sent all the same; at an
/// ordered receiver what comes later of its object waits for it.
///
/// # Errors
/// `webhook_not_found`, `not_found`, `webhook_disabled`; `conflict` while it is still owed.
pub async fn redeliver(tx: &mut TenantTx, webhook: Id<id::Webhook>, delivery: Id<id::Delivery>) -> Result<Delivery> {
    let receiver = get_webhook(tx, webhook).await?;
    if receiver.status != WebhookStatus::Enabled {
        let why = format!("the webhook is {}; enable it first", receiver.status);
        return Err(Error::new(Code::WebhookDisabled, why));
    }
    let found = get_delivery(tx, webhook, delivery).await?;
    if matches!(found.status, DeliveryStatus::Pending | DeliveryStatus::Retrying) {
        return Err(Error::new(Code::Conflict, "the delivery is still owed; it will be attempted by itself"));
    }
    if found.test {
        return Err(Error::new(Code::Conflict, "a test is not redelivered; ask for another test"));
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("UPDATE deliveries SET status = 'retrying', attempts_before = attempts, first_attempt_at = NULL, next_attempt_at = $4,
           finished_at = NULL, reason = NULL, wait_until = NULL, behind = false, keyed = keyed OR $5,
           url = $6
         WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<SqlUuid, _>(delivery.uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Bool, _>(receiver.ordered)
    .bind::<Text, _>(&receiver.url)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    tx.audit(Entry::of("delivery.redelivered", delivery));
    get_delivery(tx, webhook, delivery).await
}

/// Cancels what is owed to a receiver, for a reason in a word; answers how many that were. For the institution and for
/// the house, whose transactions differ.
pub(crate) async fn cancel_owed(
    connection: &mut AsyncPgConnection,
    (tenant, webhook): (TenantId, Id<id::Webhook>),
    (reason, now): (&str, DateTime<Utc>),
) -> Result<usize> {
    sql("UPDATE deliveries SET status = 'cancelled', reason = $4, behind = false, next_attempt_at = NULL, finished_at = $3
         WHERE tenant_id = $1 AND webhook_id = $2 AND status IN ('pending', 'retrying')")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(reason)
    .execute(connection)
    .await
    .map_err(failed)
}
