//! Files of people as they were sent: stored in parts as they arrive, read in parts, forgotten after a while.
//!
//! A file has the id of the import that it is for. Every part is a transaction of its own, so that a slow upload holds
//! nothing; what never came to its end is swept.
//!
//! Not here: HTTP and gzip (`stoa::http`), what the bytes mean (`stoa_protocols::roster`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::roster::Charset;

use crate::{
    db::{HouseTx, TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id, TenantId},
};

/// Size of a part; the last one is smaller.
pub const PART_BYTES: usize = 256 * 1024;

/// An upload without a new part for so long has stopped, and makes room for the next one of its institution.
const STALLED: TimeDelta = TimeDelta::seconds(120);
/// Uploads without a new part for so long are deleted.
const ABANDONED: TimeDelta = TimeDelta::hours(1);

/// A stored file.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// The import that it is for.
    pub id: Id<id::Import>,
    /// Its encoding.
    pub charset: Charset,
    /// Size, unpacked.
    pub size_bytes: i64,
    /// Hash of the unpacked bytes.
    pub sha256: [u8; 32],
}

/// What is known of a file when all of it has arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived {
    /// Its encoding.
    pub charset: Charset,
    /// Size, unpacked.
    pub size_bytes: i64,
    /// Hash of the unpacked bytes.
    pub sha256: [u8; 32],
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    charset: Option<String>,
    #[diesel(sql_type = BigInt)]
    size_bytes: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    sha256: Option<Vec<u8>>,
    #[diesel(sql_type = Bool)]
    forgotten: bool,
}

#[derive(QueryableByName)]
struct Part {
    #[diesel(sql_type = Binary)]
    bytes: Vec<u8>,
}

/// Begins an upload. An institution has one at a time.
///
/// # Errors
/// `upload_in_progress`.
pub async fn open(tx: &mut TenantTx) -> Result<Id<id::Import>> {
    let (tenant, now, file) = (tx.tenant(), tx.now(), tx.new_id::<id::Import>());
    sql("DELETE FROM import_files WHERE tenant_id = $1 AND stored_at IS NULL AND touched_at < $2")
        .bind::<SqlUuid, _>(tenant)
        .bind::<Timestamptz, _>(now - STALLED)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let begun = sql("INSERT INTO import_files (tenant_id, id, touched_at, created_at) VALUES ($1, $2, $3, $3)
       ON CONFLICT (tenant_id) WHERE stored_at IS NULL DO NOTHING")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(file)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    if begun == 0 {
        let detail = "another file of the institution is on its way; send this one when that has arrived";
        return Err(Error::new(Code::UploadInProgress, detail).retry_after_secs(10));
    }
    Ok(file)
}

/// Stores a part of an upload.
///
/// # Errors
/// `upload_in_progress` when the upload had stopped for so long that another one took its place.
pub async fn put(tx: &mut TenantTx, file: Id<id::Import>, part: i32, bytes: &[u8]) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let put = sql("WITH touched AS (
         UPDATE import_files SET touched_at = $3, size_bytes = size_bytes + length($5)
         WHERE tenant_id = $1 AND id = $2 AND stored_at IS NULL RETURNING id)
       INSERT INTO import_file_parts (tenant_id, file_id, part, bytes) SELECT $1, id, $4, $5 FROM touched")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(file)
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(part)
    .bind::<Binary, _>(bytes)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    if put == 0 { Err(replaced()) } else { Ok(()) }
}

/// Ends an upload: all of it is there.
///
/// # Errors
/// `upload_in_progress` as [`put`].
pub async fn seal(tx: &mut TenantTx, file: Id<id::Import>, arrived: &Arrived) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let sealed =
        sql("UPDATE import_files SET stored_at = $3, touched_at = $3, charset = $4, size_bytes = $5, sha256 = $6
       WHERE tenant_id = $1 AND id = $2 AND stored_at IS NULL")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(file)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(arrived.charset.as_str())
        .bind::<BigInt, _>(arrived.size_bytes)
        .bind::<Binary, _>(arrived.sha256.as_slice())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    if sealed == 0 { Err(replaced()) } else { Ok(()) }
}

/// Deletes a file that no import is for: a broken upload, or the same file once more. One that was [sealed](seal) stays,
/// also where whoever sealed it did not live to see it.
///
/// # Errors
/// As the database says.
pub async fn discard(tx: &mut TenantTx, file: Id<id::Import>) -> Result<()> {
    let tenant = tx.tenant();
    sql("DELETE FROM import_files WHERE tenant_id = $1 AND id = $2 AND stored_at IS NULL")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(file)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Looks a stored file up.
///
/// # Errors
/// `not_found`; `import_file_expired` when its bytes are no longer kept.
pub async fn get(tx: &mut TenantTx, file: Id<id::Import>) -> Result<StoredFile> {
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql("SELECT charset, size_bytes, sha256, forgotten_at IS NOT NULL AS forgotten
       FROM import_files WHERE tenant_id = $1 AND id = $2 AND stored_at IS NOT NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(file)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let row = rows.into_iter().next().ok_or_else(|| Error::not_found("import"))?;
    if row.forgotten {
        return Err(Error::new(Code::ImportFileExpired, "the file of this import is no longer kept"));
    }
    let damaged = || Error::internal(anyhow::anyhow!("the stored file {file} has no encoding or no hash"));
    Ok(StoredFile {
        id: file,
        charset: row.charset.as_deref().and_then(Charset::named).ok_or_else(damaged)?,
        size_bytes: row.size_bytes,
        sha256: row.sha256.and_then(|hash| hash.try_into().ok()).ok_or_else(damaged)?,
    })
}

/// Reads a part of a stored file; none behind the last one.
///
/// # Errors
/// As the database says.
pub async fn part(tx: &mut TenantTx, file: Id<id::Import>, part: i32) -> Result<Option<Vec<u8>>> {
    let tenant = tx.tenant();
    let rows: Vec<Part> =
        sql("SELECT bytes FROM import_file_parts WHERE tenant_id = $1 AND file_id = $2 AND part = $3")
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(file)
            .bind::<Integer, _>(part)
            .load(tx.connection())
            .await
            .map_err(failed)?;
    Ok(rows.into_iter().next().map(|row| row.bytes))
}

/// Deletes an upload that never came to its end. Answers whether there was one.
///
/// # Errors
/// As the database says.
pub async fn sweep_one(tx: &mut HouseTx) -> Result<bool> {
    let before = tx.now() - ABANDONED;
    let swept = sql("DELETE FROM import_files WHERE (tenant_id, id) IN (
         SELECT tenant_id, id FROM import_files WHERE stored_at IS NULL AND touched_at < $1
         LIMIT 1 FOR UPDATE SKIP LOCKED)")
    .bind::<Timestamptz, _>(before)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(swept > 0)
}

/// Forgets a file that is older than so many days, and the rows that were planned of it: both hold people's names. That of
/// an import which is at work is kept; a plan that nobody applied in all that time is stale. Answers whether there was one.
///
/// # Errors
/// As the database says.
pub async fn forget_one(tx: &mut HouseTx, days: u32) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Old {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: TenantId,
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Import>,
    }
    let now: DateTime<Utc> = tx.now();
    let old: Vec<Old> = sql("UPDATE import_files f SET forgotten_at = $1 WHERE (f.tenant_id, f.id) IN (
         SELECT f.tenant_id, f.id FROM import_files f
         LEFT JOIN imports m ON m.tenant_id = f.tenant_id AND m.id = f.id
         WHERE f.forgotten_at IS NULL
           AND f.stored_at < $1 - make_interval(days => $2)
           AND (m.status IS NULL OR m.status NOT IN ('validating', 'applying'))
         LIMIT 1 FOR UPDATE OF f SKIP LOCKED)
       RETURNING f.tenant_id, f.id")
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(i32::try_from(days).unwrap_or(i32::MAX))
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let Some(old) = old.into_iter().next() else { return Ok(false) };
    for forget in [
        "DELETE FROM import_file_parts WHERE tenant_id = $1 AND file_id = $2",
        "DELETE FROM import_rows WHERE tenant_id = $1 AND import_id = $2",
    ] {
        let forget = sql(forget).bind::<SqlUuid, _>(old.tenant_id).bind::<SqlUuid, _>(old.id);
        forget.execute(tx.connection()).await.map_err(failed)?;
    }
    sql("UPDATE imports SET status = 'stale', finished_at = $3, updated_at = $3
      WHERE tenant_id = $1 AND id = $2 AND status = 'planned'")
    .bind::<SqlUuid, _>(old.tenant_id)
    .bind::<SqlUuid, _>(old.id)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(true)
}

fn replaced() -> Error {
    Error::new(Code::UploadInProgress, "the upload had stopped, and another file of the institution took its place")
}
