//! Freezing periods that are over: who stands on their boards, and what the groups have reached. Nothing counts in them
//! any more; what is corrected later counts in the period that goes on.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Date, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, TenantTx, failed, sql},
};
use uuid::Uuid;

use super::{
    Period, Span,
    periods::FROZEN_AFTER,
    teams::{keep, unlist},
};
use crate::gamification::{lock, zones::named};

const TENANTS: &str =
    "SELECT DISTINCT p.tenant_id AS id FROM board_periods p WHERE p.closed_at IS NULL AND p.ends_at <= $1";
const OVER: &str = "SELECT p.period, p.starts_on, p.time_zone, p.starts_at, p.ends_at FROM board_periods p
  WHERE p.tenant_id = $1 AND p.closed_at IS NULL AND p.ends_at <= $2 ORDER BY p.ends_at, p.period LIMIT 1";
const CLOSE: &str = "UPDATE board_periods SET closed_at = $4 WHERE tenant_id = $1 AND period = $2 AND starts_on = $3";

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    period: Period,
    #[diesel(sql_type = Date)]
    starts_on: NaiveDate,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
}

/// Institutions with a period that is over and not frozen.
///
/// # Errors
/// As the database says.
pub async fn due_institutions(house: &mut HouseTx) -> Result<Vec<TenantId>> {
    let before = house.now() - FROZEN_AFTER;
    let rows: Vec<One> = sql(TENANTS).bind::<Timestamptz, _>(before).load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
}

/// Freezes the next period that is over. Answers which, if there was one.
///
/// # Errors
/// As the database says.
pub async fn close(tx: &mut TenantTx) -> Result<Option<Span>> {
    lock(tx).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let over = sql(OVER).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now - FROZEN_AFTER);
    let rows: Vec<Row> = over.load(tx.connection()).await.map_err(failed)?;
    let Some(Row { period, starts_on, time_zone, starts_at, ends_at }) = rows.into_iter().next() else {
        return Ok(None);
    };
    let zone = named(&time_zone);
    let span = Span { period, starts_on, zone, starts_at, ends_at: Some(ends_at), closed_at: Some(now) };
    keep(tx, &span).await?;
    unlist(tx, &span).await?;
    sql(CLOSE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(period.as_str())
        .bind::<Date, _>(starts_on)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(Some(span))
}
