//! What may be asked of reports.

use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result,
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    id,
};

use super::{
    Recipient, Report,
    rows::{recipients, report_columns, zone_column},
};

const COUNT: &str = "SELECT count(*) AS total FROM reports r WHERE r.tenant_id = $1";
const PAGE: &str = concat!(
    "SELECT ",
    report_columns!(),
    " FROM reports r WHERE r.tenant_id = $1 ORDER BY r.id DESC LIMIT $2 OFFSET $3"
);
const GET: &str = concat!("SELECT ", report_columns!(), " FROM reports r WHERE r.tenant_id = $1 AND r.id = $2");
const GET_FOR_CHANGE: &str = concat!(
    "SELECT ",
    report_columns!(),
    " FROM reports r WHERE r.tenant_id = $1 AND r.id = $2 FOR NO KEY UPDATE OF r"
);

/// Lists reports, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, request: PageRequest) -> Result<Paged<Report>> {
    let tenant = tx.tenant();
    let total: Total = sql(COUNT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    let page =
        sql(PAGE).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    Ok(Paged { rows: page.load(tx.connection()).await.map_err(failed)?, total: total.total, request })
}

/// Gets a report.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, report: Id<id::Report>) -> Result<Report> {
    one(tx, GET, report).await
}

/// Gets a report that nobody else changes until the transaction ends.
pub(super) async fn get_for_change(tx: &mut TenantTx, report: Id<id::Report>) -> Result<Report> {
    one(tx, GET_FOR_CHANGE, report).await
}

async fn one(tx: &mut TenantTx, text: &'static str, report: Id<id::Report>) -> Result<Report> {
    let tenant = tx.tenant();
    let statement = sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(report);
    let found = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("report"))
}

/// The recipients of some reports, report by report.
///
/// # Errors
/// As the database says.
pub async fn recipients(tx: &mut TenantTx, reports: &[Id<id::Report>]) -> Result<Vec<Recipient>> {
    let tenant = tx.tenant();
    let statement =
        sql(recipients!("rc.report_id = ANY ($2)")).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(reports);
    statement.load(tx.connection()).await.map_err(failed)
}

/// Gets a recipient of a report.
pub(super) async fn recipient(
    tx: &mut TenantTx,
    report: Id<id::Report>,
    recipient: Id<id::ReportRecipient>,
) -> Result<Recipient> {
    let tenant = tx.tenant();
    let statement = sql(recipients!("rc.report_id = $2 AND rc.id = $3"))
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(report)
        .bind::<SqlUuid, _>(recipient);
    let found = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("recipient"))
}
