//! What may be asked of webhooks and their deliveries.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use std::collections::HashMap;
use stoa_protocols::webhook::DialectName;
use uuid::Uuid;

use super::{
    Attempt, Delivery, Webhook, WebhookStatus,
    request::{Sent, headers_of},
    rows::{AttemptRow, DeliveryRow, WebhookRow},
    subscriptions::subscriptions_of,
};
use stoa_core::{
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
    let rows = with_subscriptions(tx, rows.into_iter().map(|row| row.webhook).collect()).await?;
    Ok(Paged { rows, total, request: page })
}

/// Lists the webhooks of a dialect after one, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn webhooks_after(
    tx: &mut TenantTx,
    dialect: DialectName,
    (after, limit): (Option<Uuid>, i64),
) -> Result<Vec<Webhook>> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<WebhookRow> = sql(
        "SELECT * FROM webhooks
         WHERE tenant_id = $1 AND deleted_at IS NULL AND dialect = $2 AND ($3 IS NULL OR id > $3) ORDER BY id LIMIT $4",
    )
    .bind::<SqlUuid, _>(tenant)
    .bind::<Text, _>(dialect.as_str())
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    with_subscriptions(tx, rows).await
}

/// The receivers of the transaction's institution that are switched on.
///
/// # Errors
/// As the database says.
pub async fn enabled_webhooks(tx: &mut TenantTx) -> Result<Vec<Id<id::Webhook>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let tenant = tx.tenant().uuid();
    let rows: Vec<Row> =
        sql("SELECT id FROM webhooks WHERE tenant_id = $1 AND deleted_at IS NULL AND status = 'enabled' ORDER BY id")
            .bind::<SqlUuid, _>(tenant)
            .load(tx.connection())
            .await
            .map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
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
    let found = with_subscriptions(tx, rows).await?.into_iter().next();
    found.ok_or_else(|| Error::new(Code::WebhookNotFound, "no such webhook"))
}

async fn with_subscriptions(tx: &mut TenantTx, rows: Vec<WebhookRow>) -> Result<Vec<Webhook>> {
    let now = tx.now();
    let mut told = subscriptions_of(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    rows.into_iter()
        .map(|row| {
            let subscriptions = told.remove(&row.id).unwrap_or_default();
            row.with(subscriptions, now)
        })
        .collect()
}

/// The attempts of deliveries, the oldest first.
pub(super) async fn attempts_of(tx: &mut TenantTx, deliveries: &[Uuid]) -> Result<HashMap<Uuid, Vec<Attempt>>> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<AttemptRow> =
        // One look-up for each delivery, in its own partition; written as = ANY it would ask all of them.
        sql("SELECT a.* FROM unnest($2) AS k(id)
             CROSS JOIN LATERAL (SELECT * FROM attempts x WHERE x.tenant_id = $1 AND x.delivery_id = k.id OFFSET 0) a
             ORDER BY a.delivery_id, a.attempt")
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
    let rows: Vec<Row> = sql("SELECT d.*, p.body FROM deliveries d
         LEFT JOIN payloads p ON p.tenant_id = d.tenant_id AND p.event_id = d.event_id AND p.rendering = d.rendering
         WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.id = $3")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<SqlUuid, _>(delivery.uuid())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let row = rows.into_iter().next().ok_or_else(|| Error::not_found("delivery"))?;
    let mut attempts = attempts_of(tx, &[row.delivery.id]).await?.remove(&row.delivery.id).unwrap_or_default();
    let sent = Sent::of(&row.delivery, row.body.as_ref().map(Vec::len));
    for attempt in &mut attempts {
        attempt.headers = headers_of(&sent, attempt);
    }
    row.delivery.with(attempts, row.body.map(|body| String::from_utf8_lossy(&body).into_owned()))
}

/// Finds the delivery that one of an ordered webhook waits behind: the first of its object that has not ended.
///
/// # Errors
/// As the database says.
pub async fn delivery_before(tx: &mut TenantTx, delivery: &Delivery) -> Result<Option<Id<id::Delivery>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let tenant = tx.tenant().uuid();
    let rows: Vec<Row> = sql("SELECT id FROM deliveries
         WHERE tenant_id IS NOT DISTINCT FROM $1 AND webhook_id = $2 AND object_id = $3 AND keyed AND NOT test
           AND status IN ('pending', 'retrying') AND (revision, event_id) < ($4, $5)
         ORDER BY revision, event_id LIMIT 1")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(delivery.webhook_id.uuid())
    .bind::<SqlUuid, _>(delivery.object_id)
    .bind::<Integer, _>(delivery.revision)
    .bind::<SqlUuid, _>(delivery.event_id.uuid())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().next().map(|row| Id::from_uuid(row.id)))
}
