//! What may be asked of exports.

use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result,
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    id,
};

use super::{Export, ExportStatus, ExportType, rows::export_columns};

macro_rules! wanted_exports {
    () => {
        " FROM exports x WHERE x.tenant_id = $1 AND ($2::text IS NULL OR x.status = $2) AND ($3::text IS NULL OR x.type = $3)"
    };
}
const ONE: &str = concat!("SELECT ", export_columns!(), " FROM exports x WHERE x.tenant_id = $1 AND x.id = $2");
const ONE_ALONE: &str =
    concat!("SELECT ", export_columns!(), " FROM exports x WHERE x.tenant_id = $1 AND x.id = $2 FOR UPDATE");
const TWIN: &str = concat!(
    "SELECT ",
    export_columns!(),
    " FROM exports x WHERE x.tenant_id = $1 AND x.fingerprint = $2 AND x.status IN ('queued', 'running')"
);
const COUNT: &str = concat!("SELECT count(*) AS total", wanted_exports!());
const PAGE: &str = concat!("SELECT ", export_columns!(), wanted_exports!(), " ORDER BY x.id DESC LIMIT $4 OFFSET $5");

/// Which exports.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportFilter {
    /// Of this status.
    pub status: Option<ExportStatus>,
    /// Of this type.
    pub export_type: Option<ExportType>,
}

/// Gets an export.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::Export>) -> Result<Export> {
    one(tx, ONE, id).await
}

/// Gets an export that nobody else changes until the transaction ends.
pub(super) async fn get_alone(tx: &mut TenantTx, id: Id<id::Export>) -> Result<Export> {
    one(tx, ONE_ALONE, id).await
}

async fn one(tx: &mut TenantTx, statement: &'static str, id: Id<id::Export>) -> Result<Export> {
    let tenant = tx.tenant();
    let one = sql(statement).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).get_result(tx.connection()).await;
    one.optional().map_err(failed)?.ok_or_else(|| Error::not_found("export"))
}

/// Finds the same that is being made.
pub(super) async fn twin(tx: &mut TenantTx, fingerprint: &str) -> Result<Option<Export>> {
    let tenant = tx.tenant();
    let twin = sql(TWIN).bind::<SqlUuid, _>(tenant).bind::<Text, _>(fingerprint);
    twin.get_result(tx.connection()).await.optional().map_err(failed)
}

/// Lists exports, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: ExportFilter, request: PageRequest) -> Result<Paged<Export>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| {
        sql(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<Text>, _>(filter.status.map(ExportStatus::as_str))
            .bind::<Nullable<Text>, _>(filter.export_type.map(ExportType::as_str))
    };
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(PAGE).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
