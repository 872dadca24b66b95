//! What midnight does: a date that ended without activity is covered by a freeze, or the run ends. Each learner at the
//! end of his own date, in his own zone.
//!
//! Whoever looks in between is told the same: a streak is folded up to the moment when it is read.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Key, Result, TenantId,
    db::{HouseTx, TenantTx, failed, sql},
    institutions,
};
use uuid::Uuid;

use super::{lock, players, settings::settings, step::refold, tell};

/// Learners of one handful.
const HANDFUL: i64 = 1_000;

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

const TENANTS: &str = "SELECT DISTINCT g.tenant_id AS id FROM games g WHERE g.due_at <= $1";
const DUE: &str = "SELECT g.user_id AS id FROM games g WHERE g.tenant_id = $1 AND g.due_at <= $2 ORDER BY g.due_at, g.user_id LIMIT $3";

/// Institutions where a date ended for somebody.
///
/// # Errors
/// As the database says.
pub async fn due_institutions(house: &mut HouseTx) -> Result<Vec<TenantId>> {
    let now = house.now();
    let rows: Vec<One> = sql(TENANTS).bind::<Timestamptz, _>(now).load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
}

/// Rolls the next handful of learners over. Answers whether there may be more.
///
/// # Errors
/// As the database says.
pub async fn roll_over(tx: &mut TenantTx) -> Result<bool> {
    lock(tx).await?;
    let settings = settings(tx).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let users = due(tx, now).await?;
    if users.is_empty() {
        return Ok(false);
    }
    let institution = institutions::own(tx, &Key::Id(tenant)).await?;
    let mut players = players::load(tx, &users, &institution).await?;
    let news = refold(&mut players, &settings, now);
    if settings.enabled {
        tell::tell(tx, &mut players, news).await?;
    }
    players::save(tx, &players).await?;
    Ok(i64::try_from(users.len()).is_ok_and(|count| count == HANDFUL))
}

async fn due(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let tenant = tx.tenant();
    let rows: Vec<One> = sql(DUE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(HANDFUL)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
