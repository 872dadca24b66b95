//! What a replay would bring to a receiver that the server switched off.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    ReplayFilter,
    candidates::{count, floor},
};
use crate::DeliveryStatus;
use stoa_core::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
};

/// Rows of the log that an offer looks at.
const LOOKED_AT: i64 = 100_000;

/// What to ask for, to get what was not received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayOffer {
    /// When the failure began.
    pub since: DateTime<Utc>,
    /// Deliveries that were not received since; none where they are too many to count.
    pub deliveries: Option<i64>,
    /// Events that were not sent since; none where they are too many to count.
    pub events_skipped: Option<i64>,
}

/// Makes the offer for a receiver that the server switched off and that is off still; none for any other.
///
/// # Errors
/// As the database says.
pub async fn offer(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<Option<ReplayOffer>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        since: Option<DateTime<Utc>>,
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows: Vec<Row> = sql("SELECT COALESCE(failing_since, disabled_at) AS since FROM webhooks
         WHERE tenant_id = $1 AND id = $2 AND status = 'disabled_failing' AND deleted_at IS NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let Some(since) = rows.into_iter().next().and_then(|row| row.since) else { return Ok(None) };
    let failed = ReplayFilter {
        statuses: vec![DeliveryStatus::Exhausted, DeliveryStatus::Cancelled],
        event_types: None,
        object_id: None,
        since,
        until: now + TimeDelta::milliseconds(1),
        include_skipped: false,
    };
    let deliveries = count(tx, webhook, &failed, LOOKED_AT).await?;
    let events_skipped = skipped(tx, webhook, since).await?;
    Ok(Some(ReplayOffer { since, deliveries, events_skipped }))
}

async fn skipped(tx: &mut TenantTx, webhook: Id<id::Webhook>, since: DateTime<Utc>) -> Result<Option<i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        looked_at: i64,
        #[diesel(sql_type = BigInt)]
        skipped: i64,
    }
    let tenant = tx.tenant().uuid();
    let row: Row = sql("SELECT count(*) AS looked_at, count(*) FILTER (WHERE reason <> 'scope') AS skipped
         FROM (SELECT reason FROM skips WHERE tenant_id = $1 AND webhook_id = $2 AND event_id >= $3 LIMIT $4) s")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<SqlUuid, _>(floor(since))
    .bind::<BigInt, _>(LOOKED_AT)
    .get_result(tx.connection())
    .await
    .map_err(failed)?;
    Ok((row.looked_at < LOOKED_AT).then_some(row.skipped))
}
