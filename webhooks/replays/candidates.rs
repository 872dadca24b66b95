//! What a replay has still to look at: deliveries of the log and events that were not sent, in one order by time.
//!
//! # Rule
//! Deliveries and events are named by ids that sort by time, so one cursor goes through both. A step reads so many
//! rows of each and no more, whatever the filter lets through; where it stopped is where the next one goes on.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::ReplayFilter;
use stoa_core::{
    db::{HouseTx, TenantTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// How long before its end a delivery may have begun: the longest retry window, and a day.
const OLDEST: TimeDelta = TimeDelta::hours(84 + 24);
/// Rows that a step looks at.
const LOOKED_AT: i64 = 10_000;

/// The least id that could be made at a time.
pub(super) fn floor(time: DateTime<Utc>) -> Uuid {
    let millis = u128::try_from(time.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}

/// From where the log is looked through: what ended since a time may have begun before.
pub(super) fn start_of(filter: &ReplayFilter) -> Uuid {
    if filter.statuses.is_empty() { floor(filter.since) } else { floor(filter.since - OLDEST) }
}

/// Up to where, this id not included.
pub(super) fn end_of(filter: &ReplayFilter) -> Uuid {
    floor(filter.until + TimeDelta::milliseconds(1))
}

/// What a step found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) deliveries: Vec<Uuid>,
    /// Events that were not sent.
    pub(super) skipped: Vec<Uuid>,
    /// Where the next step goes on; none when there is nothing after it.
    pub(super) cursor: Option<Uuid>,
}

macro_rules! matching {
    ($delivery:literal, $skip:literal) => {
        concat!(
            "d.status = ANY ($6) AND NOT d.test AND d.finished_at >= $7 AND d.finished_at < $8 \
             AND ($9 IS NULL OR d.event_type = ANY ($9)) \
             AND ($10 IS NULL OR d.object_id = $10 OR EXISTS (SELECT FROM events e WHERE e.tenant_id = $1 AND e.id = d.event_id \
               AND $10 = ANY (e.scope_ids))) ",
            $delivery,
            "s.reason IN ('disabled', 'pending_approval') AND ($9 IS NULL OR s.event_type = ANY ($9)) \
             AND ($10 IS NULL OR s.object_id = $10 OR EXISTS (SELECT FROM events e WHERE e.tenant_id = $1 AND e.id = s.event_id \
               AND $10 = ANY (e.scope_ids))) ",
            $skip
        )
    };
}

const FIND: &str = concat!(
    "WITH d AS MATERIALIZED (
       SELECT id, event_id, event_type, object_id, status, test, finished_at FROM deliveries
       WHERE tenant_id = $1 AND webhook_id = $2 AND id > $3 AND id < $4 AND cardinality($6) > 0 ORDER BY id LIMIT $5
     ), s AS MATERIALIZED (
       SELECT event_id, event_type, object_id, reason FROM skips
       WHERE tenant_id = $1 AND webhook_id = $2 AND event_id > $3 AND event_id >= $11 AND event_id < $4 AND $12
       ORDER BY event_id LIMIT $5
     ), seen AS MATERIALIZED (
       SELECT least((SELECT id FROM d ORDER BY id OFFSET $5 - 1 LIMIT 1), (SELECT event_id FROM s ORDER BY event_id OFFSET $5 - 1 LIMIT 1))
         AS horizon
     )
     SELECT seen.horizon, m.id, m.skipped FROM seen LEFT JOIN LATERAL (
       SELECT d.id, false AS skipped FROM d WHERE (seen.horizon IS NULL OR d.id <= seen.horizon) AND ",
    matching!(
        "UNION ALL SELECT s.event_id, true FROM s WHERE (seen.horizon IS NULL OR s.event_id <= seen.horizon) AND ",
        "ORDER BY 1 LIMIT $13"
    ),
    ") m ON true"
);

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    horizon: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Bool>)]
    skipped: Option<bool>,
}

/// Looks at the next rows after a cursor, and finds as many as are wanted, at most.
pub(super) async fn find(
    tx: &mut HouseTx,
    (tenant, webhook): (TenantId, Id<id::Webhook>),
    filter: &ReplayFilter,
    (cursor, most): (Uuid, i64),
) -> Result<Found> {
    let rows: Vec<FoundRow> = sql(FIND)
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<SqlUuid, _>(cursor)
        .bind::<SqlUuid, _>(end_of(filter))
        .bind::<BigInt, _>(LOOKED_AT)
        .bind::<Array<Text>, _>(words(filter))
        .bind::<Timestamptz, _>(filter.since)
        .bind::<Timestamptz, _>(filter.until)
        .bind::<Nullable<Array<Text>>, _>(filter.event_types.as_ref())
        .bind::<Nullable<SqlUuid>, _>(filter.object_id)
        .bind::<SqlUuid, _>(floor(filter.since))
        .bind::<Bool, _>(filter.include_skipped)
        .bind::<BigInt, _>(most)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let horizon = rows.as_slice().first().and_then(|row| row.horizon);
    let mut found = Found::default();
    let mut last = None;
    for (id, skipped) in rows.into_iter().filter_map(|row| row.id.zip(row.skipped)) {
        last = last.max(Some(id));
        if skipped { found.skipped.push(id) } else { found.deliveries.push(id) }
    }
    let whole = i64::try_from(found.deliveries.len() + found.skipped.len()).is_ok_and(|count| count >= most);
    found.cursor = if whole { last } else { horizon };
    Ok(found)
}

// The limit bounds what is read, not what is found: beyond it nobody counts on.
const COUNT: &str = concat!(
    "WITH d AS (
       SELECT id, event_id, event_type, object_id, status, test, finished_at FROM deliveries
       WHERE tenant_id = $1 AND webhook_id = $2 AND id > $3 AND id < $4 AND cardinality($6) > 0 LIMIT $5
     ), s AS (
       SELECT event_id, event_type, object_id, reason FROM skips
       WHERE tenant_id = $1 AND webhook_id = $2 AND event_id >= $11 AND event_id < $4 AND $12 LIMIT $5
     )
     SELECT (SELECT count(*) FROM d) AS looked_at, (SELECT count(*) FROM s) AS looked_at_skipped,
       (SELECT count(*) FROM d WHERE ",
    matching!(") + (SELECT count(*) FROM s WHERE ", ") AS found")
);

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    looked_at: i64,
    #[diesel(sql_type = BigInt)]
    looked_at_skipped: i64,
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Counts what a replay is of; none where that would mean to look at more rows than so many.
pub(super) async fn count(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    filter: &ReplayFilter,
    most: i64,
) -> Result<Option<i64>> {
    let tenant = tx.tenant().uuid();
    let row: CountRow = sql(COUNT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<SqlUuid, _>(start_of(filter))
        .bind::<SqlUuid, _>(end_of(filter))
        .bind::<BigInt, _>(most)
        .bind::<Array<Text>, _>(words(filter))
        .bind::<Timestamptz, _>(filter.since)
        .bind::<Timestamptz, _>(filter.until)
        .bind::<Nullable<Array<Text>>, _>(filter.event_types.as_ref())
        .bind::<Nullable<SqlUuid>, _>(filter.object_id)
        .bind::<SqlUuid, _>(floor(filter.since))
        .bind::<Bool, _>(filter.include_skipped)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    Ok((row.looked_at < most && row.looked_at_skipped < most).then_some(row.found))
}

fn words(filter: &ReplayFilter) -> Vec<&'static str> {
    filter.statuses.iter().map(|status| status.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_of_a_time_lies_below_every_id_made_then() {
        let ids = id::Ids::new();
        let now: DateTime<Utc> = "2026-11-21T09:00:00.123456Z".parse().unwrap();
        assert!(floor(now) <= ids.next(now) && floor(now + TimeDelta::milliseconds(1)) > ids.next(now));
    }
}
