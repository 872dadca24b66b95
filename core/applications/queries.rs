//! What may be asked of applications.

use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Application, rows::application_columns};
use crate::{
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id},
};

const ONE: &str = concat!(
    "SELECT ",
    application_columns!(),
    " FROM applications a WHERE a.tenant_id = $1 AND a.id = $2 AND a.deleted_at IS NULL"
);
const COUNT: &str = "SELECT count(*) AS total FROM applications a WHERE a.tenant_id = $1 AND a.deleted_at IS NULL";
const PAGE: &str = concat!(
    "SELECT ",
    application_columns!(),
    " FROM applications a WHERE a.tenant_id = $1 AND a.deleted_at IS NULL
      ORDER BY a.created_at DESC, a.id DESC LIMIT $2 OFFSET $3"
);

/// Gets an application.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::Application>) -> Result<Application> {
    let tenant = tx.tenant();
    let found = sql(ONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).get_result(tx.connection()).await;
    found.optional().map_err(failed)?.ok_or_else(|| Error::not_found("application"))
}

/// Lists applications, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, request: PageRequest) -> Result<Paged<Application>> {
    let tenant = tx.tenant();
    let total: Total = sql(COUNT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    let page =
        sql(PAGE).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
