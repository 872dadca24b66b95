//! What may be asked of webhooks and their deliveries.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use std::collections::HashMap;
use uuid::Uuid;

use super::{
    Attempt, Delivery, DeliveryStatus, Webhook, WebhookStatus,
    rows::{AttemptRow, DeliveryRow, WebhookRow},
};
use crate::{
    db::{PageRequest, Paged, TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
};

/// Lists webhooks, newest first.
///
/// # Errors
/// As the database says.
pub async fn list_webhooks(
    tx: &mut TenantTx,
    status: Option<WebhookStatus>,
    page: PageRequest,
) -> Result<Paged<Webhook>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(embed)]
        webhook: WebhookRow,
        #[diesel(sql_type = BigInt)]
        total: i64,
    }
    let tenant = tx.tenant().uuid();
    let rows: Vec<Row> = sql("SELECT *, count(*) OVER () AS total FROM webhooks
         WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2)
         ORDER BY id DESC LIMIT $3 OFFSET $4")
    .bind::<SqlUuid, _>(tenant)
    .bind::<Nullable<Text>, _>(status.map(WebhookStatus::as_str))
    .bind::<BigInt, _>(page.per_page)
    .bind::<BigInt, _>(page.offset())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let total = match rows.as_slice().first() {
        Some(row) => row.total,
        None => count_webhooks(tx, status).await?,
    };
    let rows = rows.into_iter().map(|row| row.webhook.try_into()).collect::<Result<_>>()?;
    Ok(Paged { rows, total, request: page })
}

/// Counts for a page past the last one, which has no row to carry the count.
async fn count_webhooks(tx: &mut TenantTx, status: Option<WebhookStatus>) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let row: Total = sql("SELECT count(*) AS total FROM webhooks
         WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<Nullable<Text>, _>(status.map(WebhookStatus::as_str))
    .get_result(tx.connection())
    .await
    .map_err(failed)?;
    Ok(row.total)
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Finds one webhook.
///
/// # Errors
/// `webhook_not_found`.
pub async fn get_webhook(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<Webhook> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<WebhookRow> = sql("SELECT * FROM webhooks WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    rows.into_iter().next().ok_or_else(|| Error::new(Code::WebhookNotFound, "no such webhook"))?.try_into()
}

/// Which deliveries are wanted.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// What became of them.
    pub status: Option<DeliveryStatus>,
    /// Type, in the catalogue's name.
    pub event_type: Option<String>,
    /// Owed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Owed before.
    pub to: Option<DateTime<Utc>>,
}

const LIST: &str = "SELECT *, count(*) OVER () AS total FROM deliveries
WHERE tenant_id = $1 AND webhook_id = $2 AND ($3 IS NULL OR status = $3) AND ($4 IS NULL OR event_type = $4)
  AND ($5 IS NULL OR created_at >= $5) AND ($6 IS NULL OR created_at < $6)
ORDER BY id DESC LIMIT $7 OFFSET $8";

/// Lists a webhook's deliveries with their attempts, newest first.
///
/// # Errors
/// `webhook_not_found`.
pub async fn list_deliveries(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    filter: &DeliveryFilter,
    page: PageRequest,
) -> Result<Paged<Delivery>> {
    get_webhook(tx, webhook).await?;
    let mut rows = load_deliveries(tx, webhook, filter, (page.per_page, page.offset())).await?;
    let mut total = rows.as_slice().first().map_or(0, |row| row.total);
    if rows.is_empty() && page.page > 1 {
        let first = load_deliveries(tx, webhook, filter, (1, 0)).await?;
        total = first.as_slice().first().map_or(0, |row| row.total);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut attempts = attempts_of(tx, &ids).await?;
    let rows = rows.drain(..).map(|row| {
        let made = attempts.remove(&row.id).unwrap_or_default();
        row.with(made, None)
    });
    Ok(Paged { rows: rows.collect::<Result<_>>()?, total, request: page })
}

async fn load_deliveries(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    filter: &DeliveryFilter,
    (limit, offset): (i64, i64),
) -> Result<Vec<DeliveryRow>> {
    let tenant = tx.tenant().uuid();
    sql(LIST)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<Nullable<Text>, _>(filter.status.map(DeliveryStatus::as_str))
        .bind::<Nullable<Text>, _>(filter.event_type.as_deref())
        .bind::<Nullable<Timestamptz>, _>(filter.from)
        .bind::<Nullable<Timestamptz>, _>(filter.to)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(tx.connection())
        .await
        .map_err(failed)
}

async fn attempts_of(tx: &mut TenantTx, deliveries: &[Uuid]) -> Result<HashMap<Uuid, Vec<Attempt>>> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<AttemptRow> =
        sql("SELECT * FROM attempts WHERE tenant_id = $1 AND delivery_id = ANY ($2) ORDER BY delivery_id, attempt")
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<SqlUuid>, _>(deliveries)
            .load(tx.connection())
            .await
            .map_err(failed)?;
    let mut attempts: HashMap<Uuid, Vec<Attempt>> = HashMap::new();
    for row in rows {
        attempts.entry(row.delivery_id).or_default().push(row.into());
    }
    Ok(attempts)
}

/// Finds one delivery of a webhook, with the bytes that it sends.
///
/// # Errors
/// `not_found`.
pub async fn get_delivery(tx: &mut TenantTx, webhook: Id<id::Webhook>, delivery: Id<id::Delivery>) -> Result<Delivery> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(embed)]
        delivery: DeliveryRow,
        #[diesel(sql_type = Nullable<Binary>)]
        body: Option<Vec<u8>>,
    }
    let tenant = tx.tenant().uuid();
    let rows: Vec<Row> = sql("SELECT d.*, p.body, 1::bigint AS total FROM deliveries d
         LEFT JOIN payloads p ON p.tenant_id = d.tenant_id AND p.event_id = d.event_id AND p.rendering = d.rendering
         WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.id = $3")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<SqlUuid, _>(delivery.uuid())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let row = rows.into_iter().next().ok_or_else(|| Error::not_found("delivery"))?;
    let attempts = attempts_of(tx, &[row.delivery.id]).await?.remove(&row.delivery.id).unwrap_or_default();
    row.delivery.with(attempts, row.body.map(|body| String::from_utf8_lossy(&body).into_owned()))
}
