//! The end of files: deleted after their time, with what attempts left that came to nothing.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, TenantTx, failed, sql},
    id,
};
use stoa_protocols::event::EventType;

use super::{Export, announce, rows::export_columns};

/// Institutions that are looked after at once.
const TENANTS_MAX: i64 = 100;
/// Files that are deleted in one go.
const LEFTOVERS_MAX: i64 = 500;

const DUE: &str =
    "SELECT DISTINCT x.tenant_id FROM exports x WHERE x.status = 'completed' AND x.expires_at <= $1 LIMIT $2";
const EXPIRE: &str = concat!(
    "UPDATE exports x SET status = 'expired', updated_at = $2
     WHERE x.tenant_id = $1 AND x.status = 'completed' AND x.expires_at <= $2 RETURNING ",
    export_columns!()
);
const LEFTOVERS: &str = "SELECT x.tenant_id, x.id, x.file_key FROM exports x
  WHERE x.file_key IS NOT NULL AND x.status IN ('failed', 'expired', 'cancelled') LIMIT $1";
const SWEPT: &str = "UPDATE exports SET file_key = NULL WHERE tenant_id = $1 AND id = $2 AND file_key = $3";
const FORSAKEN: &str =
    "SELECT x.tenant_id, x.id FROM exports x WHERE x.status IN ('queued', 'running') AND x.updated_at < $1";
const FORGET: &str = "DELETE FROM exports x WHERE x.ctid = ANY (ARRAY(SELECT o.ctid FROM exports o
  WHERE o.status IN ('failed', 'expired', 'cancelled') AND o.file_key IS NULL AND o.updated_at < $1 LIMIT 10000))";

/// What is left of a file that nobody is offered.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Leftover {
    /// Of which institution.
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    /// Of which export.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Export>,
    /// Where it lies.
    #[diesel(sql_type = Text)]
    pub file_key: String,
}

#[derive(QueryableByName)]
struct Of {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
}

/// Finds the institutions that have files whose time is over.
///
/// # Errors
/// As the database says.
pub async fn due(house: &mut HouseTx) -> Result<Vec<TenantId>> {
    let now = house.now();
    let due = sql(DUE).bind::<Timestamptz, _>(now).bind::<BigInt, _>(TENANTS_MAX);
    let due: Vec<Of> = due.load(house.connection()).await.map_err(failed)?;
    Ok(due.into_iter().map(|row| row.tenant_id).collect())
}

/// Ends the files of an institution whose time is over, and tells of each.
///
/// # Errors
/// As the database says.
pub async fn expire_due(tx: &mut TenantTx) -> Result<usize> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let expire = sql(EXPIRE).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now);
    let expired: Vec<Export> = expire.load(tx.connection()).await.map_err(failed)?;
    for export in &expired {
        announce::record(tx, export, EventType::ExportExpired);
    }
    Ok(expired.len())
}

/// Finds what is left of files that nobody is offered. Whoever is writing one still, because he has not heard yet that he
/// was stopped, takes it back himself.
///
/// # Errors
/// As the database says.
pub async fn leftovers(house: &mut HouseTx) -> Result<Vec<Leftover>> {
    sql(LEFTOVERS).bind::<BigInt, _>(LEFTOVERS_MAX).load(house.connection()).await.map_err(failed)
}

/// Says that nothing is left of a file.
///
/// # Errors
/// As the database says.
pub async fn swept(tx: &mut TenantTx, export: Id<id::Export>, file_key: &str) -> Result<()> {
    let tenant = tx.tenant();
    let swept = sql(SWEPT).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(export).bind::<Text, _>(file_key);
    swept.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Finds exports that should go on and of which nothing was heard since a time: their promise was lost.
///
/// # Errors
/// As the database says.
pub async fn forsaken(house: &mut HouseTx, since: DateTime<Utc>) -> Result<Vec<(TenantId, Id<id::Export>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: TenantId,
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Export>,
    }
    let rows: Vec<Row> = sql(FORSAKEN).bind::<Timestamptz, _>(since).load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.tenant_id, row.id)).collect())
}

/// Deletes the rows of exports that ended before a time and of which nothing is left.
///
/// # Errors
/// As the database says.
pub async fn forget_old(house: &mut HouseTx, before: DateTime<Utc>) -> Result<usize> {
    sql(FORGET).bind::<Timestamptz, _>(before).execute(house.connection()).await.map_err(failed)
}
