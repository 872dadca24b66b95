//! The second phase: the plan is executed, a chunk of its rows in one short transaction.
//!
//! Not here: who drives it on (`stoa_jobs::imports`), and what the plan says (`plan`).
//!
//! # Rule
//! What is written is what the plan says. A person who changed since then is left as he is, and his row says so. The chunk
//! moves the import on in the same transaction, so a chunk is applied once, whoever dies.
//!
//! Everything is done for the whole chunk at a time, and most of it from the rows of the plan themselves, which do not
//! leave the database for it.

mod chunk;
mod courses;
mod data_set;
mod groups;
mod people;
mod tell;

use diesel::sql_types::{Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::MemberImportCounts;

use self::chunk::Chunk;
use super::{Import, ImportStatus, RowAction, commands, turn::LEASE};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id},
    scope::Scope,
};

/// Rows of one chunk.
pub const CHUNK: i64 = 2_000;

const MOVE_ON: &str = "UPDATE imports SET applied_through = $3, rows_done = rows_done + $4, applied = $5,
    seats_reserved = seats_reserved - $6, lease_until = $7, updated_at = $8
  WHERE tenant_id = $1 AND id = $2";
/// The last row of a chunk that was applied in part says why.
const FAILED: &str = "UPDATE import_rows SET failed = $4 WHERE tenant_id = $1 AND import_id = $2 AND line = ANY ($3)";

/// What a chunk did.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Rows of it.
    pub rows: i32,
    /// The import, when it has ended with it.
    pub ended: Option<Box<Import>>,
    /// People who were asked to join: their invitations are to be sent.
    pub invited: Vec<Id<id::User>>,
}

/// Applies the next chunk of an import whose turn it is, or ends the import after its last.
///
/// # Errors
/// As the database says; then nothing of the chunk was applied.
pub async fn apply(tx: &mut TenantTx, scope: &Scope, import: &Import, size: i64) -> Result<Applied> {
    let chunk = Chunk::read(tx, import, size).await?;
    if chunk.is_empty() {
        let errors = import.planned().invalid + import.applied().failed > 0;
        let status = if errors { ImportStatus::CompletedWithErrors } else { ImportStatus::Completed };
        let ended = commands::end(tx, import, status, None).await?;
        return Ok(Applied { rows: 0, ended: Some(Box::new(ended)), invited: Vec::new() });
    }
    let sender = import.sender(scope);
    let options = import.options()?;
    courses::lock(tx, &chunk).await?;
    let written = people::write(tx, import, &chunk).await?;
    let lost = chunk.lost(&written);
    mark(tx, import, &lost).await?;
    groups::join(tx, &sender, (import, &chunk, &written)).await?;
    courses::enrol(tx, &sender, &chunk, &written).await?;
    tell::record(tx, &chunk, &written);
    if let Some(set) = &options.data_set {
        data_set::keep(tx, import, (&chunk, set)).await?;
    }
    move_on(tx, import, (&chunk, &written), lost.len()).await?;
    let invited = if options.send_invites { chunk.invited(&written) } else { Vec::new() };
    Ok(Applied { rows: chunk.rows(), ended: None, invited })
}

async fn mark(tx: &mut TenantTx, import: &Import, lost: &[i32]) -> Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    sql(FAILED)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<diesel::sql_types::Array<Integer>, _>(lost)
        .bind::<Text, _>("changed_meanwhile")
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn move_on(
    tx: &mut TenantTx,
    import: &Import,
    (chunk, written): (&Chunk, &people::WrittenPeople),
    lost: usize,
) -> Result<()> {
    let seats = chunk.seats();
    let (tenant, now) = (tx.tenant(), tx.now());
    let mut applied = import.applied();
    let mut add = |action: RowAction, to: fn(&mut MemberImportCounts) -> &mut i32| {
        *to(&mut applied) += chunk.count(action, written);
    };
    add(RowAction::Create, |counts| &mut counts.create);
    add(RowAction::Update, |counts| &mut counts.update);
    add(RowAction::Unchanged, |counts| &mut counts.unchanged);
    add(RowAction::Deactivate, |counts| &mut counts.deactivate);
    add(RowAction::Invalid, |counts| &mut counts.invalid);
    add(RowAction::Skipped, |counts| &mut counts.skipped);
    applied.failed += i32::try_from(lost).unwrap_or(i32::MAX);
    sql(MOVE_ON)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Integer, _>(chunk.last_line())
        .bind::<Integer, _>(chunk.rows())
        .bind::<Jsonb, _>(serde_json::to_value(applied).map_err(Error::internal)?)
        .bind::<Integer, _>(seats)
        .bind::<Timestamptz, _>(now + LEASE)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
