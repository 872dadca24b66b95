//! Many people joining many groups at once, as a file has them.
//!
//! Not here: who joins what (`imports`), and what follows from it for each group (`enrolments`).

use diesel::sql_types::{Array, Bool, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Group, rows::group_columns};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
};

/// In the order of their ids, so that two who hold several never wait in a ring.
const HOLD: &str = "SELECT FROM groups WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id FOR SHARE";
const BUSY: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM groups g WHERE g.tenant_id = $1 AND (g.id = ANY ($2) OR $3 AND g.everyone)
      AND EXISTS (SELECT FROM group_enrolments ge WHERE ge.tenant_id = g.tenant_id AND ge.group_id = g.id)"
);

/// Holds groups, so that nobody puts one on a course while somebody joins it.
///
/// # Errors
/// As the database says.
pub(crate) async fn hold(tx: &mut TenantTx, groups: &[Uuid]) -> Result<()> {
    let tenant = tx.tenant();
    let hold = sql(HOLD).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(groups);
    hold.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Those of some groups that are on a course or a learning path; with `everyone`, that one too.
///
/// # Errors
/// As the database says.
pub(crate) async fn busy(tx: &mut TenantTx, groups: &[Uuid], everyone: bool) -> Result<Vec<Group>> {
    let tenant = tx.tenant();
    let busy = sql(BUSY).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(groups).bind::<Bool, _>(everyone);
    busy.load(tx.connection()).await.map_err(failed)
}
