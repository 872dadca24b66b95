//! One learner's activity is taken in one transaction at a time, on every node.
//!
//! What an event changes belongs to its learner, so the learner is what is locked: an advisory lock that ends
//! with the transaction. Whoever takes several takes them in one order, and so never waits in a ring.

use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::TenantId,
};

// The inner select is kept apart by OFFSET 0, so that the locks are taken in the order of its rows.
const LOCK: &str = "SELECT pg_advisory_xact_lock(key) FROM (
  SELECT DISTINCT hashtextextended(l.tenant_id::text || l.user_id::text, 0) AS key
  FROM unnest($1, $2) AS l(tenant_id, user_id) ORDER BY key OFFSET 0
) AS learners";

/// Locks learners until the end of the transaction. Call once in a transaction, before anything is changed.
///
/// # Errors
/// As the database says.
pub async fn lock_learners(tx: &mut TenantTx, learners: &[(TenantId, Uuid)]) -> Result<()> {
    if learners.is_empty() {
        return Ok(());
    }
    sql(LOCK)
        .bind::<Array<SqlUuid>, _>(learners.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(learners.iter().map(|(_, user)| *user).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
