//! The end of a receiver: switched off by the server, whether it said that it is gone or failed for days.

use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{EventData, EventType};

use super::{HealthRow, News, tell};
use crate::commands::cancel_owed;
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// A receiver that was switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disabled {
    /// Whose it is.
    pub tenant: TenantId,
    /// The webhook.
    pub webhook: Id<id::Webhook>,
    /// Deliveries that are not owed any more.
    pub cancelled: usize,
}

/// Switches a receiver off, cancels what it is owed and records `webhook.disabled`. None if it is off already.
///
/// `because` is shown to its people; `reason` stands in the log of what was cancelled.
pub(crate) async fn disable(
    tx: &mut HouseTx,
    (tenant, webhook): (TenantId, Id<id::Webhook>),
    (because, reason): (&str, &str),
) -> Result<Option<Disabled>> {
    let now = tx.now();
    let rows: Vec<HealthRow> =
        sql("UPDATE webhooks SET status = 'disabled_failing', status_reason = $3, updated_at = $4, disabled_at = $4
         WHERE tenant_id = $1 AND id = $2 AND status IN ('enabled', 'paused') AND deleted_at IS NULL
         RETURNING url, failing_since, failed_attempts, last_error")
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<Text, _>(because)
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let cancelled = cancel_owed(tx.connection(), (tenant, webhook), (reason, now)).await?;
    let message = format!("{} was disabled: {because}; {cancelled} deliveries were cancelled", row.url);
    let data = EventData { webhook: Some(row.facts(webhook, None)), message: Some(message), ..EventData::default() };
    tell(tx, vec![News { tenant, webhook, event_type: EventType::WebhookDisabled, data }]).await?;
    Ok(Some(Disabled { tenant, webhook, cancelled }))
}
