//! Whose turn it is: of an institution's imports one at a time is read, planned or applied, on whatever node.
//!
//! Not here: the fast view of it, which the institution's actor keeps.
//!
//! The turn is a lease in the import's row, prolonged with every chunk. Whoever died with it is not waited for longer than
//! that; and two that take it at once are told apart by an index.

use chrono::TimeDelta;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{Import, ImportStatus, queries};
use crate::{
    db::{TenantTx, failed, sql, violates},
    error::Result,
    id::{self, Id},
};

/// How long a turn is kept for one who says nothing.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(2);

const END_OF_OTHERS: &str = "UPDATE imports SET lease_until = NULL
  WHERE tenant_id = $1 AND id <> $2 AND lease_until <= $3";
const TAKE: &str = "UPDATE imports SET lease_until = $3 WHERE tenant_id = $1 AND id = $2";
const LEAVE: &str =
    "UPDATE imports SET lease_until = NULL WHERE tenant_id = $1 AND id = $2 AND lease_until IS NOT NULL";
const ONE_TURN: &str = "imports_one_running";

/// What one who wants to go on with an import is told.
#[derive(Debug, Clone)]
pub enum Turn {
    /// To go on.
    Yours(Box<Import>),
    /// To wait: another import of the institution is at it.
    Wait,
    /// Nothing is to be done: it has ended, or waits for somebody to say apply.
    Over,
}

/// Has every statement of the transaction planned for what the tables are now: they grow by the chunk, and a plan that was
/// made while they were empty would walk through all of them.
const PLAN_ANEW: &str = "SET LOCAL plan_cache_mode = force_custom_plan";

/// Asks whether an import may go on, and takes the turn if it may. Commit to keep it.
///
/// # Errors
/// `not_found`.
pub async fn take_turn(tx: &mut TenantTx, import: Id<id::Import>) -> Result<Turn> {
    let import = queries::get_alone(tx, import).await?;
    if !matches!(import.status, ImportStatus::Validating | ImportStatus::Applying) {
        return Ok(Turn::Over);
    }
    sql(PLAN_ANEW).execute(tx.connection()).await.map_err(failed)?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let end = sql(END_OF_OTHERS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import.id).bind::<Timestamptz, _>(now);
    end.execute(tx.connection()).await.map_err(failed)?;
    let take = sql(TAKE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import.id).bind::<Timestamptz, _>(now + LEASE);
    match take.execute(tx.connection()).await {
        Ok(_) => Ok(Turn::Yours(Box::new(import))),
        Err(error) if violates(&error, ONE_TURN) => Ok(Turn::Wait),
        Err(error) => Err(failed(error)),
    }
}

/// Gives the turn back.
///
/// # Errors
/// As the database says.
pub async fn leave(tx: &mut TenantTx, import: Id<id::Import>) -> Result<()> {
    let tenant = tx.tenant();
    let leave = sql(LEAVE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import);
    leave.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}
