//! What may be done with an export: ask for it, stop it, fetch it.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use sha2::{Digest, Sha256};
use stoa_core::{
    Code, Error, Id, Result, Scope,
    audit::{ActorKind, Entry},
    db::{TenantTx, failed, sql},
    id,
};
use uuid::Uuid;

use super::{Export, ExportStatus, ExportType, NewExport, Wanted, check, queries};

/// Most exports of an institution that wait or are being made.
const OPEN_MAX: i64 = 50;

const OPEN: &str =
    "SELECT count(*) AS total FROM exports x WHERE x.tenant_id = $1 AND x.status IN ('queued', 'running')";
const INSERT: &str = "INSERT INTO exports
    (tenant_id, id, type, status, wanted, fingerprint, made_by, made_by_kind, abilities, led_by, course_ids, created_at, updated_at)
  VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $11)
  ON CONFLICT (tenant_id, fingerprint) WHERE status IN ('queued', 'running') DO NOTHING";
const CANCEL: &str = "UPDATE exports SET status = 'cancelled', finished_at = $3, updated_at = $3
  WHERE tenant_id = $1 AND id = $2";
const COUNT_DOWNLOAD: &str = "UPDATE exports SET downloads = downloads + 1 WHERE tenant_id = $1 AND id = $2";

/// An export that was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// It.
    pub export: Export,
    /// It was not being made already; whoever calls promises the work.
    pub is_new: bool,
}

/// Asks for an export; the same that the same caller asked for and that is being made is that.
///
/// # Errors
/// `ability_missing` for a type that the caller may not read; `validation_failed`; `rate_limited` where too many wait.
pub async fn ask(tx: &mut TenantTx, scope: &Scope, new: NewExport) -> Result<Asked> {
    let export_type = new.export_type;
    check::may_have(scope, export_type)?;
    let wanted = check::read(tx, new).await?;
    let fingerprint = fingerprint(scope, export_type, &wanted)?;
    // Beside another request for the same, one is made; the other waits for its row and then finds it.
    for _ in 0..2 {
        if let Some(export) = queries::twin(tx, &fingerprint).await? {
            return Ok(Asked { export, is_new: false });
        }
        may_wait(tx).await?;
        if let Some(id) = insert(tx, scope, (export_type, &wanted, &fingerprint)).await? {
            let said = json!({ "type": export_type, "format": wanted.format, "filters": wanted.filters });
            tx.audit(Entry::of("export.requested", id).is(said));
            return Ok(Asked { export: queries::get(tx, id).await?, is_new: true });
        }
    }
    Err(Error::new(Code::Conflict, "the same export has just ended; ask again"))
}

/// Hash of what is asked for and by whom: the walls of whoever asks are part of what he gets.
fn fingerprint(scope: &Scope, export_type: ExportType, wanted: &Wanted) -> Result<String> {
    let courses = scope.courses.as_deref();
    let said = json!([export_type, wanted, scope.holder(), scope.led_by, courses]);
    let said = serde_json::to_vec(&said).map_err(Error::internal)?;
    Ok(hex::encode(Sha256::digest(said)))
}

async fn may_wait(tx: &mut TenantTx) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        total: i64,
    }
    let tenant = tx.tenant();
    let open: Row = sql(OPEN).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    if open.total >= OPEN_MAX {
        let why = format!("{OPEN_MAX} exports wait already; ask again when one of them is done");
        return Err(Error::new(Code::RateLimited, why).retry_after_secs(30));
    }
    Ok(())
}

async fn insert(
    tx: &mut TenantTx,
    scope: &Scope,
    (export_type, wanted, fingerprint): (ExportType, &Wanted, &str),
) -> Result<Option<Id<id::Export>>> {
    let (tenant, now, id) = (tx.tenant(), tx.now(), tx.new_id::<id::Export>());
    let wanted = serde_json::to_value(wanted).map_err(Error::internal)?;
    let inserted = sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(export_type.as_str())
        .bind::<Jsonb, _>(wanted)
        .bind::<Text, _>(fingerprint)
        .bind::<Nullable<SqlUuid>, _>(scope.holder())
        .bind::<Text, _>(ActorKind::of(scope.actor).as_str())
        .bind::<Array<Text>, _>(scope.abilities.iter().map(|ability| ability.as_str()).collect::<Vec<_>>())
        .bind::<Nullable<SqlUuid>, _>(scope.led_by.map(Id::uuid))
        .bind::<Nullable<Array<SqlUuid>>, _>(scope.courses.as_deref().map(<[Uuid]>::to_vec))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok((inserted == 1).then_some(id))
}

/// Stops an export that waits or is being made; what is being made stops within a second or so.
///
/// # Errors
/// `not_found`; `conflict` for one that has ended.
pub async fn cancel(tx: &mut TenantTx, id: Id<id::Export>) -> Result<Export> {
    let export = queries::get_alone(tx, id).await?;
    if !export.status.is_open() {
        return Err(Error::new(Code::Conflict, format!("the export is {} already", export.status)));
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let cancel = sql(CANCEL).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    cancel.execute(tx.connection()).await.map_err(failed)?;
    let said = |status| json!({ "status": status });
    tx.audit(Entry::of("export.cancelled", id).was(said(export.status)).is(said(ExportStatus::Cancelled)));
    queries::get(tx, id).await
}

/// Lets whoever may fetch a file, and notes that he does.
///
/// # Errors
/// `not_found`; `ability_missing` for a type that he may not read; `export_not_ready`; `export_expired`.
pub async fn fetch(tx: &mut TenantTx, scope: &Scope, id: Id<id::Export>) -> Result<Export> {
    let export = queries::get(tx, id).await?;
    check::may_have(scope, export.export_type)?;
    export.file(tx.now())?;
    let tenant = tx.tenant();
    let count = sql(COUNT_DOWNLOAD).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    count.execute(tx.connection()).await.map_err(failed)?;
    let said = json!({ "type": export.export_type, "rows": export.rows_done, "sha256": export.sha256 });
    tx.audit(Entry::of("export.downloaded", id).is(said));
    Ok(export)
}
