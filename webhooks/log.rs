//! The log of a webhook's deliveries, the newest first, at the same cost however long it is.
//!
//! # Shape
//! A request looks at a bounded number of deliveries, newest first from where it begins, and pages through those of
//! them that are wanted. Where the log goes on behind that window, the totals are an estimate and `next` is where the
//! next window begins. The index of a webhook's deliveries is walked in each partition of the asked span, so nothing
//! is counted or sorted.
//!
//! Not here: one delivery with its bytes (`queries`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Delivery, DeliveryStatus, queries::attempts_of, rows::DeliveryRow};
use stoa_core::{
    db::{PageRequest, TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
};

/// An id is made with the time of its row, to the millisecond; a busy millisecond borrows from the next.
const ID_SLACK: TimeDelta = TimeDelta::seconds(2);

/// Which deliveries are wanted.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// What became of them.
    pub status: Option<DeliveryStatus>,
    /// Type, in the catalogue's name.
    pub event_type: Option<String>,
    /// About this object.
    pub object_id: Option<Uuid>,
    /// Owed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Owed before.
    pub to: Option<DateTime<Utc>>,
}

impl DeliveryFilter {
    const fn is_of_time_alone(&self) -> bool {
        self.status.is_none() && self.event_type.is_none() && self.object_id.is_none()
    }
}

/// A page of the log.
#[derive(Debug)]
pub struct DeliveryLog {
    /// The deliveries, the newest first.
    pub rows: Vec<Delivery>,
    /// How many are wanted of those that were looked at.
    pub total: i64,
    /// What was asked for.
    pub request: PageRequest,
    /// The log goes on behind this one, which was the last that was looked at.
    pub next: Option<Id<id::Delivery>>,
}

/// Only the index of a webhook's deliveries has this order, so no other is walked, whatever PostgreSQL believes of a
/// partition that it has not counted yet. The bounds of `id` alone say which partitions are asked.
macro_rules! look {
    ($depth:literal) => {
        concat!(
            "SELECT count(*) FILTER (WHERE wanted) AS total, (array_agg(id) FILTER (WHERE nth = ",
            $depth,
            "))[1] AS last_looked_at,
  coalesce((array_agg(id ORDER BY id DESC) FILTER (WHERE wanted))[$8 + 1 : $8 + $9], '{}') AS ids
FROM (
  SELECT id, row_number() OVER () AS nth,
    ($4::text IS NULL OR status = $4) AND ($5::text IS NULL OR event_type = $5) AND ($6::uuid IS NULL OR object_id = $6)
      AND ($7::timestamptz IS NULL OR created_at >= $7) AND ($10::timestamptz IS NULL OR created_at < $10) AS wanted
  FROM (SELECT id, status, event_type, object_id, created_at FROM deliveries
    WHERE tenant_id = $1 AND (webhook_id, id) < ($2, $3) AND (webhook_id, id) >= ($2, stoa_uuid_floor($11))
      AND id < $3 AND id >= stoa_uuid_floor($11)
    ORDER BY webhook_id DESC, id DESC LIMIT ",
            $depth,
            ") looked_at) l"
        )
    };
}
/// Where all are wanted, looking further only counts.
const LOOK_AT_ALL: &str = look!("500");
const LOOK_FOR_SOME: &str = look!("1000");

#[derive(QueryableByName)]
struct Looked {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last_looked_at: Option<Uuid>,
    #[diesel(sql_type = Array<SqlUuid>)]
    ids: Vec<Uuid>,
}

/// Lists a webhook's deliveries with their attempts, the newest first, from behind one of them or from the newest.
///
/// # Errors
/// As the database says.
pub async fn list_deliveries(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    (filter, before): (&DeliveryFilter, Option<Id<id::Delivery>>),
    page: PageRequest,
) -> Result<DeliveryLog> {
    let looked = look(tx, webhook, (filter, before), page).await?;
    let rows = load(tx, &looked.ids).await?;
    let mut attempts = attempts_of(tx, &looked.ids).await?;
    let rows = rows.into_iter().map(|row| {
        let made = attempts.remove(&row.id).unwrap_or_default();
        row.with(made, None)
    });
    Ok(DeliveryLog {
        rows: rows.collect::<Result<_>>()?,
        total: looked.total,
        request: page,
        next: looked.last_looked_at.map(Id::from_uuid),
    })
}

async fn look(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    (filter, before): (&DeliveryFilter, Option<Id<id::Delivery>>),
    page: PageRequest,
) -> Result<Looked> {
    let tenant = tx.tenant().uuid();
    let newest = before.map_or(Uuid::max(), Id::uuid);
    let end = filter.to.map_or(newest, |to| newest.min(floor(to + ID_SLACK)));
    sql(if filter.is_of_time_alone() { LOOK_AT_ALL } else { LOOK_FOR_SOME })
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<SqlUuid, _>(end)
        .bind::<Nullable<Text>, _>(filter.status.map(DeliveryStatus::as_str))
        .bind::<Nullable<Text>, _>(filter.event_type.as_deref())
        .bind::<Nullable<SqlUuid>, _>(filter.object_id)
        .bind::<Nullable<Timestamptz>, _>(filter.from)
        .bind::<BigInt, _>(page.offset())
        .bind::<BigInt, _>(page.per_page)
        .bind::<Nullable<Timestamptz>, _>(filter.to)
        .bind::<Timestamptz, _>(filter.from.map_or(DateTime::UNIX_EPOCH, |from| from - ID_SLACK))
        .get_result(tx.connection())
        .await
        .map_err(failed)
}

/// The least id that can be made at a time.
fn floor(at: DateTime<Utc>) -> Uuid {
    let millis = u128::try_from(at.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}

async fn load(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<DeliveryRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tx.tenant().uuid();
    sql("SELECT d.* FROM unnest($2) AS k(id)
         CROSS JOIN LATERAL (SELECT * FROM deliveries x WHERE x.tenant_id = $1 AND x.id = k.id OFFSET 0) d ORDER BY d.id DESC")
    .bind::<SqlUuid, _>(tenant)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.connection())
    .await
    .map_err(failed)
}
