//! One attempt at writing an export, and what its row says of it.
//!
//! # Rule
//! Whoever begins writes his name into the row, and every later word of his asks whether it still stands there: it does
//! not where the export was cancelled, or where another began because this one was taken for dead.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result, Scope,
    db::{Db, Snapshot, TenantTx, failed, sql},
    id,
};
use stoa_protocols::event::EventType;
use uuid::Uuid;

use super::{Export, Failure, Statement, Wanted, announce, maker, queries, rows::export_columns};

const ALONE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('stoa_exports' || $1::text, 0))";
const OTHERS: &str =
    "SELECT count(*) AS total FROM exports x WHERE x.tenant_id = $1 AND x.status = 'running' AND x.id <> $2";
const BEGIN: &str =
    "UPDATE exports SET status = 'running', run_id = $3, file_key = $4, horizon = NULL, as_of = NULL, rows_done = 0,
    rows_total = NULL, started_at = $5, updated_at = $5
  WHERE tenant_id = $1 AND id = $2";
const TELL: &str =
    "UPDATE exports SET rows_done = $4, rows_total = coalesce($5, rows_total), as_of = $6, updated_at = $7
  WHERE tenant_id = $1 AND id = $2 AND run_id = $3 AND status = 'running'";
const COMPLETE: &str = concat!(
    "UPDATE exports x SET status = 'completed', rows_done = $4, rows_total = $4, size_bytes = $5, sha256 = $6, as_of = $7,
       horizon = $8, finished_at = $9, updated_at = $9, expires_at = $10
     WHERE x.tenant_id = $1 AND x.id = $2 AND x.run_id = $3 AND x.status = 'running' RETURNING ",
    export_columns!()
);
const FAIL: &str = concat!(
    "UPDATE exports x SET status = 'failed', error_code = $4, error = $5, finished_at = $6, updated_at = $6
     WHERE x.tenant_id = $1 AND x.id = $2 AND ($3::uuid IS NULL OR x.run_id = $3) AND x.status IN ('queued', 'running') RETURNING ",
    export_columns!()
);

/// An attempt: which export, and the name that stands in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The export.
    pub export: Id<id::Export>,
    /// The attempt.
    pub id: Uuid,
}

/// What an attempt works with.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The attempt.
    pub run: Run,
    /// The export as it was when it began.
    pub export: Export,
    /// What was asked for.
    pub wanted: Wanted,
    /// Whose walls it is made in.
    pub scope: Scope,
    /// Where the file goes.
    pub file_key: String,
}

/// Whose turn it is.
#[derive(Debug, Clone)]
pub enum Turn {
    /// Ours.
    Yours(Box<Begun>),
    /// Others of the institution are being made; ask again.
    Wait,
    /// Nobody's: it has ended.
    Over,
    /// Nobody's yet: what an earlier attempt left has to be deleted first.
    Sweep(String),
    /// It was refused, and has failed. Commit.
    Refused,
}

/// How far an attempt is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows written.
    pub rows_done: i64,
    /// Of how many; none while nobody knows.
    pub rows_total: Option<i64>,
    /// The moment that it shows.
    pub as_of: DateTime<Utc>,
}

/// A file that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Rows in it.
    pub rows: i64,
    /// Its length.
    pub bytes: i64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The moment that it shows.
    pub as_of: DateTime<Utc>,
    /// Place in the order of commits up to which it is whole.
    pub horizon: i64,
    /// When it is deleted.
    pub expires_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

impl Begun {
    /// The institution as it is at one moment, as far as whoever asked may see it; its times are told in the file's zone.
    ///
    /// # Errors
    /// `upstream_unavailable` when there is no connection to be had.
    pub async fn snapshot(&self, db: &Db, within: Duration) -> Result<Snapshot> {
        db.snapshot(&self.scope, self.wanted.zone(), within).await
    }

    /// The statement of the file, of a moment.
    pub fn statement(&self, as_of: DateTime<Utc>) -> Statement {
        Statement::of(self.export.export_type, &self.wanted, (self.scope.tenant, as_of.into()))
    }
}

/// Begins an attempt, where it is the export's turn: an institution has at most so many made at once. `key` says where a
/// file with such an ending goes; each attempt's goes elsewhere, so what one writes no other ever touches.
///
/// # Errors
/// `not_found`.
pub async fn begin(
    tx: &mut TenantTx,
    run: Run,
    at_once: i64,
    key: impl FnOnce(&'static str) -> String,
) -> Result<Turn> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(ALONE).bind::<SqlUuid, _>(tenant).execute(tx.connection()).await.map_err(failed)?;
    let export = queries::get_alone(tx, run.export).await?;
    if let Some(left) = export.file_key.clone().filter(|_| export.row_count().is_none()) {
        return Ok(Turn::Sweep(left));
    }
    if !export.status.is_open() {
        return Ok(Turn::Over);
    }
    let others = sql(OTHERS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(run.export);
    let others: Count = others.get_result(tx.connection()).await.map_err(failed)?;
    if others.total >= at_once {
        return Ok(Turn::Wait);
    }
    let scope = match maker::scope_of(tx, &export).await? {
        Ok(scope) => scope,
        Err(failure) => {
            fail(tx, (run.export, None), &failure).await?;
            return Ok(Turn::Refused);
        }
    };
    let wanted = export.wanted()?;
    let file_key = key(wanted.table(export.export_type).extension());
    let begin = sql(BEGIN).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(run.export).bind::<SqlUuid, _>(run.id);
    let begin = begin.bind::<Text, _>(file_key.as_str()).bind::<Timestamptz, _>(now);
    begin.execute(tx.connection()).await.map_err(failed)?;
    Ok(Turn::Yours(Box::new(Begun { run, export, wanted, scope, file_key })))
}

/// The place in the order of commits up to which a snapshot is whole.
///
/// # Errors
/// As the database says.
pub async fn horizon(snapshot: &mut Snapshot) -> Result<i64> {
    let horizon = snapshot.number("SELECT stoa_position_horizon()").await?;
    horizon.ok_or_else(|| Error::internal(anyhow::anyhow!("a snapshot without a horizon")))
}

/// Says how far an attempt is. Answers whether it is still its turn.
///
/// # Errors
/// As the database says.
pub async fn tell(tx: &mut TenantTx, run: Run, progress: Progress) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let told = sql(TELL)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(run.export)
        .bind::<SqlUuid, _>(run.id)
        .bind::<BigInt, _>(progress.rows_done)
        .bind::<Nullable<BigInt>, _>(progress.rows_total)
        .bind::<Timestamptz, _>(progress.as_of)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(told == 1)
}

/// Offers the file that an attempt has made, and tells of it. Answers whether it was still its turn; if not, its file is
/// nobody's.
///
/// # Errors
/// As the database says.
pub async fn complete(tx: &mut TenantTx, run: Run, made: &Made) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let completed: Option<Export> = sql(COMPLETE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(run.export)
        .bind::<SqlUuid, _>(run.id)
        .bind::<BigInt, _>(made.rows)
        .bind::<BigInt, _>(made.bytes)
        .bind::<Text, _>(made.sha256.as_str())
        .bind::<Timestamptz, _>(made.as_of)
        .bind::<BigInt, _>(made.horizon)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(made.expires_at)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    if let Some(export) = &completed {
        announce::record(tx, export, EventType::ExportCompleted);
    }
    Ok(completed.is_some())
}

/// Ends an export that cannot be made, and tells of it; of an attempt that has lost its turn nothing.
///
/// # Errors
/// As the database says.
pub async fn fail(tx: &mut TenantTx, (export, run): (Id<id::Export>, Option<Uuid>), why: &Failure) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let ended: Option<Export> = sql(FAIL)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(export)
        .bind::<Nullable<SqlUuid>, _>(run)
        .bind::<Text, _>(why.code.as_str())
        .bind::<Text, _>(why.message.as_str())
        .bind::<Timestamptz, _>(now)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    if let Some(export) = &ended {
        announce::record(tx, export, EventType::ExportFailed);
    }
    Ok(())
}
