//! What may be asked of imports.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Import, ImportStatus, LineReport, rows::import_columns};
use crate::{
    db::{HouseTx, PageRequest, Paged, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
};

const ONE: &str = concat!("SELECT ", import_columns!(), " FROM imports i WHERE i.tenant_id = $1 AND i.id = $2");
const ONE_ALONE: &str =
    concat!("SELECT ", import_columns!(), " FROM imports i WHERE i.tenant_id = $1 AND i.id = $2 FOR NO KEY UPDATE");
const COUNT: &str = "SELECT count(*) AS total FROM imports i WHERE i.tenant_id = $1 AND ($2 IS NULL OR i.status = $2)";
const PAGE: &str = concat!(
    "SELECT ",
    import_columns!(),
    " FROM imports i WHERE i.tenant_id = $1 AND ($2 IS NULL OR i.status = $2) ORDER BY i.id DESC LIMIT $3 OFFSET $4"
);
const LINES: &str = "SELECT line, action, user_id, email, faults, failed FROM import_rows
  WHERE tenant_id = $1 AND import_id = $2 AND line > $3 ORDER BY line LIMIT $4";
const FORSAKEN: &str = "SELECT tenant_id, id FROM imports
  WHERE status IN ('validating', 'applying') AND updated_at < $1 ORDER BY tenant_id, id LIMIT 100";

/// Gets an import.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, import: Id<id::Import>) -> Result<Import> {
    find(tx, ONE, import).await
}

/// Gets an import that nobody else moves on until the transaction ends.
pub(super) async fn get_alone(tx: &mut TenantTx, import: Id<id::Import>) -> Result<Import> {
    find(tx, ONE_ALONE, import).await
}

async fn find(tx: &mut TenantTx, text: &'static str, import: Id<id::Import>) -> Result<Import> {
    let tenant = tx.tenant();
    let one = sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import);
    let found = one.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("import"))
}

/// Lists imports, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, status: Option<ImportStatus>, request: PageRequest) -> Result<Paged<Import>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| {
        sql(text).bind::<SqlUuid, _>(tenant).bind::<Nullable<Text>, _>(status.map(ImportStatus::as_str))
    };
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(PAGE).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}

/// Reads what became of the lines after one, in their order.
///
/// # Errors
/// As the database says.
pub async fn lines(tx: &mut TenantTx, import: Id<id::Import>, (after, limit): (i32, i64)) -> Result<Vec<LineReport>> {
    let tenant = tx.tenant();
    sql(LINES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import)
        .bind::<Integer, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Finds imports that should go on and have not since a time: their promise was lost, or given up.
///
/// # Errors
/// As the database says.
pub async fn forsaken(house: &mut HouseTx, since: DateTime<Utc>) -> Result<Vec<(TenantId, Id<id::Import>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: TenantId,
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Import>,
    }
    let rows: Vec<Row> = sql(FORSAKEN).bind::<Timestamptz, _>(since).load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.tenant_id, row.id)).collect())
}
