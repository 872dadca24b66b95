//! Where learners stand on a course and on its lessons, for whoever reads the record.
//!
//! Not here: trainings and items, of which there are far more.

use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{rows::StandingRow, standing::Standing};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
};

const OF_LEARNERS: &str = "SELECT s.* FROM unnest($3) AS k(user_id)
  JOIN standings s ON s.tenant_id = $1 AND s.course_id = $2 AND s.user_id = k.user_id
    AND s.object_kind IN ('course', 'lesson')";

/// The standings of learners on a course and on its lessons, in no order. Who has not begun has none.
///
/// # Errors
/// As the database says.
pub async fn standings_of(
    tx: &mut TenantTx,
    course: Id<id::Course>,
    learners: &[Id<id::User>],
) -> Result<Vec<Standing>> {
    let tenant = tx.tenant();
    let rows: Vec<StandingRow> = sql(OF_LEARNERS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(course)
        .bind::<Array<SqlUuid>, _>(learners.iter().map(|learner| learner.uuid()).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(Standing::from).collect())
}
