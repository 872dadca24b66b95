//! One object's events strictly one after the other, for receivers that ask for it.
//!
//! # Rule
//! - Of one object, an ordered receiver is sent the delivery with the lowest revision (then event) that has not ended.
//!   The others wait *behind* it: no time, no promise. Whatever ends a delivery lets the next one go, in the same
//!   transaction: received, exhausted, skipped; and so does the relay, for an event before it may have been one that
//!   the receiver does not want.
//! - A delivery also waits while an earlier event of its object is in the outbox.
//! - Whoever puts a delivery behind, or may let one go, holds the receiver's lock until its transaction ends, and looks
//!   only after it has the lock. So of an ending and a beginning at the same moment one sees the other.
//!
//! Not here: what is promised of it (`stoa-jobs`). Receivers that are not ordered pay one word in a row for all this.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{DeliveryStatus, Promised};
use stoa_core::{
    db::{HouseTx, TenantTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// One object at one receiver: a queue of deliveries of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, QueryableByName)]
pub(super) struct Strand {
    #[diesel(sql_type = SqlUuid, column_name = "tenant_id")]
    pub(super) tenant: Uuid,
    #[diesel(sql_type = SqlUuid, column_name = "webhook_id")]
    pub(super) webhook: Uuid,
    #[diesel(sql_type = SqlUuid, column_name = "object_id")]
    pub(super) object: Uuid,
}

#[derive(QueryableByName)]
struct Freed {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    next_attempt_at: DateTime<Utc>,
}

/// Takes the locks of receivers until the transaction ends, always in the same order.
pub(super) async fn lock(tx: &mut HouseTx, webhooks: impl IntoIterator<Item = Uuid>) -> Result<()> {
    let mut webhooks: Vec<Uuid> = webhooks.into_iter().collect();
    webhooks.sort_unstable();
    webhooks.dedup();
    if webhooks.is_empty() {
        return Ok(());
    }
    sql("SELECT pg_advisory_xact_lock(hashtextextended('stoa_order ' || w.id, 0)) FROM unnest($1) AS w(id)")
        .bind::<Array<SqlUuid>, _>(webhooks)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// What waits for a window and has a later state that is due is skipped on the way: it would only hold that up. OFFSET 0
/// has PostgreSQL look each up by its key, before it has counted the tables too.
const FREE: &str = "WITH strand AS (
  SELECT DISTINCT s.tenant_id, s.webhook_id, s.object_id FROM unnest($1, $2, $3) AS s(tenant_id, webhook_id, object_id)
), owed AS (
  SELECT d.tenant_id, d.id, d.webhook_id, d.object_id, d.revision, d.event_id, d.behind, d.wait_until,
    d.wait_until IS NOT NULL AND d.replay_id IS NULL AND (d.behind OR d.wait_until > $4) AND EXISTS (
      SELECT FROM deliveries o WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.webhook_id = d.webhook_id
        AND o.object_id = d.object_id AND o.keyed AND o.event_type = d.event_type AND o.revision > d.revision
        AND (o.wait_until IS NULL OR o.wait_until <= $4) AND o.status <> 'cancelled') AS superseded
  FROM strand s
  CROSS JOIN LATERAL (SELECT FROM webhooks x WHERE x.tenant_id = s.tenant_id AND x.id = s.webhook_id
    AND x.ordered AND x.status = 'enabled' AND x.deleted_at IS NULL OFFSET 0) w
  CROSS JOIN LATERAL (SELECT * FROM deliveries x WHERE x.tenant_id IS NOT DISTINCT FROM s.tenant_id AND x.webhook_id = s.webhook_id
    AND x.object_id = s.object_id AND x.keyed AND x.status IN ('pending', 'retrying') AND NOT x.test OFFSET 0) d
), skipped AS (
  UPDATE deliveries d SET status = 'skipped', reason = 'coalesced', behind = false, next_attempt_at = NULL, finished_at = $4
  FROM owed o WHERE o.superseded AND d.tenant_id = o.tenant_id AND d.id = o.id
), first AS (
  SELECT DISTINCT ON (o.tenant_id, o.webhook_id, o.object_id) o.* FROM owed o WHERE NOT o.superseded
  ORDER BY o.tenant_id, o.webhook_id, o.object_id, o.revision, o.event_id
)
UPDATE deliveries d SET behind = false, next_attempt_at = greatest($4, f.wait_until)
FROM first f
WHERE f.behind AND d.tenant_id = f.tenant_id AND d.id = f.id
  AND NOT EXISTS (SELECT FROM outbox x JOIN events e ON e.tenant_id = x.tenant_id AND e.id = x.event_id
    WHERE x.tenant_id IS NOT DISTINCT FROM f.tenant_id AND x.object_id = f.object_id AND (e.revision, e.id) < (f.revision, f.event_id))
RETURNING d.tenant_id, d.id, d.next_attempt_at";

/// Lets the first of each object go, if it waits and nothing is before it any more. Whoever calls promises them in
/// the same transaction, and holds the locks.
pub(super) async fn free(tx: &mut HouseTx, strands: &[Strand]) -> Result<Vec<Promised>> {
    if strands.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let freed: Vec<Freed> = sql(FREE)
        .bind::<Array<SqlUuid>, _>(strands.iter().map(|one| one.tenant).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(strands.iter().map(|one| one.webhook).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(strands.iter().map(|one| one.object).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(freed.into_iter().map(Promised::from).collect())
}

/// Lets go what waits behind deliveries that this transaction has ended.
pub(super) async fn ended(tx: &mut HouseTx, strands: &[Strand]) -> Result<Vec<Promised>> {
    lock(tx, strands.iter().map(|one| one.webhook)).await?;
    free(tx, strands).await
}

/// Ends deliveries that are still owed and will not be attempted. Answers what waited behind them at ordered receivers.
pub(super) async fn end(
    tx: &mut HouseTx,
    deliveries: &[(TenantId, Id<id::Delivery>)],
    (status, reason): (DeliveryStatus, &'static str),
) -> Result<Vec<Promised>> {
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let strands: Vec<Strand> = sql("WITH ended AS (
           UPDATE deliveries d SET status = $4, reason = $5, next_attempt_at = NULL, finished_at = $3
           FROM unnest($1, $2) AS s(tenant_id, id)
           WHERE d.tenant_id = s.tenant_id AND d.id = s.id AND d.status IN ('pending', 'retrying')
           RETURNING d.tenant_id, d.webhook_id, d.object_id)
         SELECT e.tenant_id, e.webhook_id, e.object_id FROM ended e
         CROSS JOIN LATERAL (SELECT FROM webhooks x WHERE x.tenant_id = e.tenant_id AND x.id = e.webhook_id AND x.ordered OFFSET 0) w")
    .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(_, id)| id.uuid()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(status.as_str())
    .bind::<Text, _>(reason)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    ended(tx, &strands).await
}

/// Puts deliveries back behind an earlier one of their object, which is owed again or was there first; what may go
/// after all goes.
pub(super) async fn put_behind(
    tx: &mut HouseTx,
    blocked: &[(TenantId, Id<id::Delivery>, Strand)],
) -> Result<Vec<Promised>> {
    if blocked.is_empty() {
        return Ok(Vec::new());
    }
    lock(tx, blocked.iter().map(|(_, _, strand)| strand.webhook)).await?;
    sql("UPDATE deliveries d SET behind = true, keyed = true, next_attempt_at = NULL FROM unnest($1, $2) AS b(tenant_id, id)
         WHERE d.tenant_id = b.tenant_id AND d.id = b.id AND d.status IN ('pending', 'retrying')")
    .bind::<Array<SqlUuid>, _>(blocked.iter().map(|(tenant, _, _)| tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(blocked.iter().map(|(_, delivery, _)| delivery.uuid()).collect::<Vec<_>>())
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    let strands: Vec<Strand> = blocked.iter().map(|(_, _, strand)| *strand).collect();
    free(tx, &strands).await
}

/// Lets go what waits at a receiver although nothing is before it: after a pause, and after the receiver's order was
/// switched on or off. At most so many objects; tells whether that were all.
///
/// # Errors
/// As the database says.
pub async fn free_all(
    tx: &mut HouseTx,
    tenant: TenantId,
    webhook: Id<id::Webhook>,
    limit: i64,
) -> Result<(Vec<Promised>, bool)> {
    lock(tx, [webhook.uuid()]).await?;
    let mut freed = free_unordered(tx, tenant, webhook, limit).await?;
    let strands: Vec<Strand> = sql("SELECT DISTINCT d.tenant_id, d.webhook_id, d.object_id FROM deliveries d
         JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id AND w.status = 'enabled' AND w.deleted_at IS NULL
         WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND d.behind AND d.status IN ('pending', 'retrying')
           AND NOT EXISTS (SELECT FROM deliveries o WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.webhook_id = d.webhook_id
             AND o.object_id = d.object_id AND o.keyed AND NOT o.behind AND o.status IN ('pending', 'retrying') AND NOT o.test
             AND (o.revision, o.event_id) < (d.revision, d.event_id))
         LIMIT $3")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<BigInt, _>(limit)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let unordered = freed.len();
    freed.extend(free(tx, &strands).await?);
    let is_whole = |count: usize| i64::try_from(count).is_ok_and(|count| count >= limit);
    // A handful of which none could go would be found again and again.
    let all = !is_whole(unordered) && (!is_whole(strands.len()) || freed.len() == unordered);
    Ok((freed, all))
}

/// A receiver whose order was switched off has nobody waiting behind anybody.
async fn free_unordered(
    tx: &mut HouseTx,
    tenant: TenantId,
    webhook: Id<id::Webhook>,
    limit: i64,
) -> Result<Vec<Promised>> {
    let now = tx.now();
    let freed: Vec<Freed> = sql("UPDATE deliveries d SET behind = false, next_attempt_at = greatest($3, d.wait_until)
         WHERE (d.tenant_id, d.id) IN (
           SELECT b.tenant_id, b.id FROM deliveries b
           JOIN webhooks w ON w.tenant_id = b.tenant_id AND w.id = b.webhook_id AND NOT w.ordered AND w.status = 'enabled' AND w.deleted_at IS NULL
           WHERE b.tenant_id = $1 AND b.webhook_id = $2 AND b.behind AND b.status IN ('pending', 'retrying') LIMIT $4)
         RETURNING d.tenant_id, d.id, d.next_attempt_at")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(freed.into_iter().map(Promised::from).collect())
}

/// Makes what is owed to a receiver findable by its object: its order is being switched on. What is under way then
/// ends as it began; what comes later waits for it.
pub(super) async fn begin(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sql("UPDATE deliveries SET keyed = true
         WHERE tenant_id = $1 AND webhook_id = $2 AND status IN ('pending', 'retrying') AND NOT keyed AND NOT test")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

/// Receivers at which something waits behind nothing, if there are any: a net below the rule. It is empty but for
/// the moment in which a receiver's order is switched on.
///
/// # Errors
/// As the database says.
pub async fn stranded(tx: &mut HouseTx, limit: i64) -> Result<Vec<(TenantId, Id<id::Webhook>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        webhook_id: Uuid,
        #[diesel(sql_type = Bool)]
        #[expect(dead_code, reason = "only whether there is one counts")]
        waits: bool,
    }
    let rows: Vec<Row> = sql("SELECT DISTINCT d.tenant_id, d.webhook_id, true AS waits FROM deliveries d
         JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id AND w.status = 'enabled' AND w.deleted_at IS NULL
         WHERE d.behind AND d.status IN ('pending', 'retrying') AND (NOT w.ordered OR NOT EXISTS (
           SELECT FROM deliveries o WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.webhook_id = d.webhook_id
             AND o.object_id = d.object_id AND o.keyed AND o.status IN ('pending', 'retrying') AND NOT o.test
             AND (o.revision, o.event_id) < (d.revision, d.event_id)))
         LIMIT $1")
    .bind::<BigInt, _>(limit)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (TenantId::from_uuid(row.tenant_id), Id::from_uuid(row.webhook_id))).collect())
}

impl From<Freed> for Promised {
    fn from(row: Freed) -> Self {
        Self { tenant: TenantId::from_uuid(row.tenant_id), delivery: Id::from_uuid(row.id), at: row.next_attempt_at }
    }
}
