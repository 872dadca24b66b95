//! The row that says which edition is read and which is made, as a rebuilding changes it.

use diesel::sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, composed, failed, sql},
};
use uuid::Uuid;

use super::{Purpose, State};

/// Rows of one transaction that clears.
const ROWS: i64 = 10_000;
/// Tables with editions.
pub(super) const TABLES: [&str; 8] = [
    "activity_days",
    "enrolments_counted",
    "activity_gaps",
    "activity_levels",
    "activity_totals",
    "activity_retention",
    "course_starts",
    "enrolments_due",
];

const BEGIN: &str = "UPDATE rollups r SET draft_edition = r.last_edition + 1, last_edition = r.last_edition + 1,
    draft_purpose = $2, draft_after = $4, draft_begun_at = $3, updated_at = $3,
    draft_time_zone = CASE $2 WHEN 'verify' THEN r.time_zone ELSE i.time_zone END
  FROM institutions i WHERE r.tenant_id = $1 AND i.tenant_id = $1";
const COME_TO: &str = "UPDATE rollups SET draft_after = $2, updated_at = $3 WHERE tenant_id = $1";
const OVER: &str =
    "UPDATE rollups SET edition = draft_edition, time_zone = draft_time_zone, built_at = $2, updated_at = $2,
    rebuild_wanted = false, is_clean = false, draft_edition = NULL, draft_purpose = NULL, draft_time_zone = NULL,
    draft_after = NULL, draft_begun_at = NULL
  WHERE tenant_id = $1 AND draft_edition IS NOT NULL";
const GIVE_UP: &str =
    "UPDATE rollups SET is_clean = false, draft_edition = NULL, draft_purpose = NULL, draft_time_zone = NULL,
    draft_after = NULL, draft_begun_at = NULL, updated_at = $2
  WHERE tenant_id = $1 AND draft_edition IS NOT NULL";
const WANT: &str = "UPDATE rollups SET rebuild_wanted = true WHERE tenant_id = $1";
const CLEAN: &str = "UPDATE rollups SET is_clean = true, updated_at = $2 WHERE tenant_id = $1";

/// Is a table that a rebuilding makes anew. Others are kept by whoever writes what they count, and are only proved.
pub fn is_made(table: &str) -> bool {
    TABLES.contains(&table)
}

/// Begins an edition in which nobody is yet. One that is compared has the zone of the one that is read.
pub(super) async fn begin(tx: &mut TenantTx, purpose: Purpose) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(BEGIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(purpose.as_str())
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(Uuid::nil())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Notes who is in it.
pub(super) async fn come_to(tx: &mut TenantTx, last: Uuid) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let come_to = sql(COME_TO).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(last).bind::<Timestamptz, _>(now);
    come_to.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// From now on it is the one that is read.
pub(super) async fn over(tx: &mut TenantTx) -> Result<()> {
    note(tx, OVER).await
}

/// It is not made any more.
pub(super) async fn give_up(tx: &mut TenantTx) -> Result<()> {
    note(tx, GIVE_UP).await
}

/// One is to be made.
pub(super) async fn want(tx: &mut TenantTx) -> Result<()> {
    let tenant = tx.tenant();
    sql(WANT).bind::<SqlUuid, _>(tenant).execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

async fn note(tx: &mut TenantTx, text: &'static str) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let note = sql(text).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now);
    note.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Deletes rows of other editions from the first table that has some, and answers whether there was one.
pub(super) async fn clear(tx: &mut TenantTx, state: &State) -> Result<bool> {
    let (tenant, kept) = (tx.tenant(), state.edition);
    let draft = state.draft_edition.unwrap_or(kept);
    for table in TABLES {
        // Ranges of the key, so that the rows that stay are not looked through.
        let text = format!(
            "WITH others AS (
               (SELECT x.ctid FROM {table} x WHERE x.tenant_id = $1 AND x.edition < $2 LIMIT $4)
               UNION ALL (SELECT x.ctid FROM {table} x WHERE x.tenant_id = $1 AND x.edition > $3 LIMIT $4)
               UNION ALL (SELECT x.ctid FROM {table} x WHERE x.tenant_id = $1 AND x.edition > $2 AND x.edition < $3 LIMIT $4)
             )
             DELETE FROM {table} WHERE tenant_id = $1 AND ctid = ANY (ARRAY(SELECT o.ctid FROM others o LIMIT $4))"
        );
        let gone = composed(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Integer, _>(kept.min(draft))
            .bind::<Integer, _>(kept.max(draft))
            .bind::<BigInt, _>(ROWS)
            .execute(tx.connection())
            .await
            .map_err(failed)?;
        if gone > 0 {
            return Ok(true);
        }
    }
    note(tx, CLEAN).await?;
    Ok(false)
}
