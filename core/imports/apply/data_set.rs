//! Keeping in mind whom the editions of a data set have named.

use diesel::sql_types::{Integer, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::chunk::Chunk;
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    imports::Import,
};

/// Whoever the file names is in the set; whoever it does not, and who lost access for that, is gone from it.
const KEEP: &str = "INSERT INTO data_set_members AS d (tenant_id, data_set, user_id, gone)
  SELECT r.tenant_id, $5, r.user_id, r.line > $6 FROM import_rows r
  WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND r.failed IS NULL
    AND r.action IN ('create', 'update', 'unchanged', 'deactivate') AND r.user_id IS NOT NULL
  ON CONFLICT (tenant_id, data_set, user_id) DO UPDATE SET gone = excluded.gone WHERE d.gone <> excluded.gone";

/// Keeps in mind whom a chunk named.
pub(super) async fn keep(tx: &mut TenantTx, import: &Import, (chunk, set): (&Chunk, &str)) -> Result<()> {
    let tenant = tx.tenant();
    sql(KEEP)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Integer, _>(chunk.after)
        .bind::<Integer, _>(chunk.last_line())
        .bind::<Text, _>(set)
        .bind::<Integer, _>(import.read_through)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
