//! The rows of imports of history.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Code, Error, Id, Result, Scope,
    audit::Entry,
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    id,
};

use super::{FAULTS_MAX, HistoryFault, HistoryImport, HistoryStatus};

macro_rules! columns {
    () => {
        "h.id, h.file_name, h.file_bytes, h.time_zone, h.status, h.rows_done, h.accepted, h.duplicates, h.rejected,
         h.faults, h.reason, h.created_at, h.updated_at, h.finished_at"
    };
}
const ONE: &str = concat!("SELECT ", columns!(), " FROM history_imports h WHERE h.tenant_id = $1 AND h.id = $2");
const ONE_RUNNING: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM history_imports h WHERE h.tenant_id = $1 AND h.id = $2 AND h.status = 'running' FOR NO KEY UPDATE OF h"
);
const TWIN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM history_imports h WHERE h.tenant_id = $1 AND h.fingerprint = $2 AND h.status = 'running'"
);
const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM history_imports h WHERE h.tenant_id = $1 ORDER BY h.id DESC LIMIT $2 OFFSET $3"
);

/// Where a handful has no fault, or there is no room for one, those that are kept are not touched, so that they are not
/// written anew.
const ADVANCE: &str = "UPDATE history_imports
  SET rows_done = $3, accepted = accepted + $4, duplicates = duplicates + $5, rejected = rejected + $6, updated_at = $9,
    faults = CASE WHEN $7 = '[]'::jsonb OR jsonb_array_length(faults) >= $8 THEN faults
      ELSE faults || jsonb_path_query_array($7, '$[0 to $room - 1]',
        jsonb_build_object('room', $8 - jsonb_array_length(faults))) END
  WHERE tenant_id = $1 AND id = $2 AND status = 'running'";

/// A file that arrived.
#[derive(Debug, Clone)]
pub struct NewHistory {
    /// The id that the file is stored under.
    pub id: Id<id::Import>,
    /// As the sender calls it.
    pub file_name: Option<String>,
    /// Size, unpacked.
    pub file_bytes: i64,
    /// Hash of the bytes and of what was asked.
    pub fingerprint: String,
    /// IANA zone of times without an offset.
    pub time_zone: String,
}

/// What came of a handful of rows.
#[derive(Debug, Clone, Default)]
pub struct Advance {
    /// Rows of the file that are behind it now.
    pub rows_done: u64,
    /// Rows that count now.
    pub accepted: u64,
    /// Rows that counted before.
    pub duplicates: u64,
    /// Rows that do not count.
    pub rejected: u64,
    /// Why not.
    pub faults: Vec<HistoryFault>,
}

/// Begins an import; a twin of one that is running is that one. Answers whether it is new.
///
/// # Errors
/// As the database says.
pub async fn begin(tx: &mut TenantTx, scope: &Scope, new: NewHistory) -> Result<(HistoryImport, bool)> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = Bool)]
        made: bool,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let made: Option<Made> = sql("INSERT INTO history_imports
        (tenant_id, id, file_name, file_bytes, fingerprint, time_zone, status, sent_by, created_at, updated_at)
      VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $8)
      ON CONFLICT (tenant_id, fingerprint) WHERE status = 'running' DO NOTHING RETURNING true AS made")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(new.id)
    .bind::<Nullable<Text>, _>(&new.file_name)
    .bind::<BigInt, _>(new.file_bytes)
    .bind::<Text, _>(&new.fingerprint)
    .bind::<Text, _>(&new.time_zone)
    .bind::<Nullable<SqlUuid>, _>(scope.person())
    .bind::<Timestamptz, _>(now)
    .get_result(tx.connection())
    .await
    .optional()
    .map_err(failed)?;
    if made.is_some_and(|made| made.made) {
        tx.audit(Entry::of("history_import.begun", new.id).is(serde_json::json!({ "file_bytes": new.file_bytes })));
        return Ok((find(tx, new.id).await?, true));
    }
    let twin = sql(TWIN).bind::<SqlUuid, _>(tenant).bind::<Text, _>(&new.fingerprint);
    Ok((twin.get_result(tx.connection()).await.map_err(failed)?, false))
}

/// Finds an import.
///
/// # Errors
/// `not_found`.
pub async fn find(tx: &mut TenantTx, id: Id<id::Import>) -> Result<HistoryImport> {
    let tenant = tx.tenant();
    let one = sql(ONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).get_result(tx.connection()).await;
    one.optional().map_err(failed)?.ok_or_else(|| Error::not_found("import"))
}

/// Lists imports, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, request: PageRequest) -> Result<Paged<HistoryImport>> {
    let tenant = tx.tenant();
    let total: Total = sql("SELECT count(*) AS total FROM history_imports h WHERE h.tenant_id = $1")
        .bind::<SqlUuid, _>(tenant)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    let page = sql(PAGE).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(request.per_page);
    let rows = page.bind::<BigInt, _>(request.offset()).load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}

/// The import where it runs still, held until the end of the transaction.
///
/// # Errors
/// As the database says.
pub async fn get_running(tx: &mut TenantTx, id: Id<id::Import>) -> Result<Option<HistoryImport>> {
    let tenant = tx.tenant();
    let one = sql(ONE_RUNNING).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    one.get_result(tx.connection()).await.optional().map_err(failed)
}

/// Notes what came of a handful; of its faults as many as there is room for are kept behind those that are there. Answers
/// whether the import is to go on.
///
/// # Errors
/// As the database says.
pub async fn advance(tx: &mut TenantTx, id: Id<id::Import>, advance: &Advance) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let done = sql(ADVANCE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(count(advance.rows_done))
        .bind::<BigInt, _>(count(advance.accepted))
        .bind::<BigInt, _>(count(advance.duplicates))
        .bind::<BigInt, _>(count(advance.rejected))
        .bind::<Jsonb, _>(serde_json::to_value(&advance.faults).map_err(Error::internal)?)
        .bind::<Integer, _>(i32::try_from(FAULTS_MAX).unwrap_or(i32::MAX))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(done > 0)
}

/// Ends an import that runs: with all rows behind it, or for a reason.
///
/// # Errors
/// As the database says.
pub async fn end(tx: &mut TenantTx, id: Id<id::Import>, reason: Option<&str>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql("UPDATE history_imports SET reason = $3, updated_at = $4, finished_at = $4,
        status = CASE WHEN $3 IS NOT NULL THEN 'failed' WHEN rejected > 0 THEN 'completed_with_errors' ELSE 'completed' END
      WHERE tenant_id = $1 AND id = $2 AND status = 'running'")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<Text>, _>(reason)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

/// Stops an import between two handfuls; what was counted stays. One that was stopped before stays so.
///
/// # Errors
/// `not_found`; `conflict` when it has ended otherwise.
pub async fn cancel(tx: &mut TenantTx, id: Id<id::Import>) -> Result<HistoryImport> {
    let before = find(tx, id).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sql("UPDATE history_imports SET status = 'cancelled', updated_at = $3, finished_at = $3
      WHERE tenant_id = $1 AND id = $2 AND status = 'running'")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    if done == 0 && before.status != HistoryStatus::Cancelled {
        return Err(Error::new(Code::Conflict, format!("the import has ended: {}", before.status.as_str())));
    }
    if done > 0 {
        tx.audit(Entry::of("history_import.cancelled", id));
    }
    find(tx, id).await
}
