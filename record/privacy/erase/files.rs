//! Files in which the person stands, and work that speaks of him.
//!
//! A file is kept whole or not at all: nobody cuts a row out of what was sent, or out of what was promised with a checksum.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result, Scope,
    db::{Db, failed, sql},
};

use super::{state::Run, told};
use crate::{exports::expire_due, privacy::held::Known};

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Files with a row that names him, files with a row that nobody could read, and files of what learners did, of which no row
/// tells any more whom it named; with all that was planned of them, as when they are too old. What is at work is waited for.
const FORGET_IMPORTS: &str = "WITH named AS (
    SELECT DISTINCT r.import_id FROM import_rows r WHERE r.tenant_id = $1
      AND (r.user_id = $2 OR r.email_key = ANY ($3) OR r.external_id = ANY ($4) OR num_nonnulls(r.user_id, r.email_key, r.external_id) = 0)
    UNION SELECT h.id FROM history_imports h WHERE h.tenant_id = $1 AND h.status <> 'running'
  ), files AS (
    UPDATE import_files f SET forgotten_at = $5 FROM named n
      WHERE f.tenant_id = $1 AND f.id = n.import_id AND f.forgotten_at IS NULL AND f.stored_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM imports m WHERE m.tenant_id = $1 AND m.id = f.id AND m.status IN ('validating', 'applying'))
      RETURNING f.id
  ), plans AS (
    UPDATE imports m SET status = 'stale', finished_at = $5, updated_at = $5 FROM files f
      WHERE m.tenant_id = $1 AND m.id = f.id AND m.status = 'planned' RETURNING 1
  ), parts AS (
    DELETE FROM import_file_parts p USING files f WHERE p.tenant_id = $1 AND p.file_id = f.id RETURNING 1
  ), planned AS (
    DELETE FROM import_rows r USING files f WHERE r.tenant_id = $1 AND r.import_id = f.id RETURNING 1
  ) SELECT (SELECT count(*) FROM parts) AS parts, (SELECT count(*) FROM planned) AS planned";
const FORGET_JOBS: &str = "WITH gone AS (DELETE FROM queue_jobs WHERE tenant_id = $1 AND state <> 'running'
    AND (payload::text ~* $3 OR last_error ~* $3 OR name LIKE 'mail/%' AND position($2 IN payload::text) > 0) RETURNING 1)
  SELECT count(*) AS rows FROM gone";
const FORGET_WHOLE: &str =
    "WITH gone AS (DELETE FROM institution_exports WHERE tenant_id = $1 AND created_at <= $2 RETURNING 1)
  SELECT count(*) AS rows FROM gone";
/// Whoever sweeps expired files deletes what lies in the storage.
const EXPIRE: &str = "WITH over AS (UPDATE exports SET expires_at = $3, updated_at = $3
    WHERE tenant_id = $1 AND status = 'completed' AND as_of <= $2 AND expires_at > $3 RETURNING 1)
  SELECT count(*) AS rows FROM over";
const LEFT: &str = "SELECT EXISTS (SELECT FROM exports WHERE tenant_id = $1
    AND (status = 'running' OR file_key IS NOT NULL) AND coalesce(as_of, started_at) <= $2)
  OR EXISTS (SELECT FROM imports WHERE tenant_id = $1 AND status IN ('validating', 'applying') AND created_at <= $2)
  OR EXISTS (SELECT FROM history_imports WHERE tenant_id = $1 AND status = 'running' AND created_at <= $2) AS holds";

/// Forgets files of people in which he stands, before their rows go, which tell that he does.
pub(super) async fn imports(db: &Db, run: &Run) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Forgotten {
        #[diesel(sql_type = BigInt)]
        parts: i64,
        #[diesel(sql_type = BigInt)]
        planned: i64,
    }
    let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
    let now = tx.now();
    let query = sql(FORGET_IMPORTS)
        .bind::<SqlUuid, _>(run.tenant)
        .bind::<SqlUuid, _>(run.user)
        .bind::<Array<Text>, _>(run.known(Known::EmailKey))
        .bind::<Array<Text>, _>(run.known(Known::ExternalId))
        .bind::<Timestamptz, _>(now);
    let Forgotten { parts, planned } = query.get_result(tx.connection()).await.map_err(failed)?;
    run.count(tx.connection(), "import_file_parts", parts).await?;
    run.count(tx.connection(), "import_rows", planned).await?;
    tx.commit().await?;
    Ok(parts + planned)
}

/// Takes back letters to him, and other work whose words name him.
pub(super) async fn jobs(db: &Db, run: &Run) -> Result<i64> {
    let mut house = db.house().await?;
    let query = sql(FORGET_JOBS)
        .bind::<SqlUuid, _>(run.tenant)
        .bind::<Text, _>(run.user.to_string())
        .bind::<Text, _>(run.names.pattern().unwrap_or_else(told::nothing));
    let Changed { rows } = query.get_result(house.connection()).await.map_err(failed)?;
    run.count(house.connection(), "queue_jobs", rows).await?;
    house.commit().await?;
    Ok(rows)
}

/// Ends the time of files that were made before the erasing began.
pub(super) async fn exports(db: &Db, run: &Run) -> Result<i64> {
    let mut house = db.house().await?;
    let whole = sql(FORGET_WHOLE).bind::<SqlUuid, _>(run.tenant).bind::<Timestamptz, _>(run.started_at);
    let whole: Changed = whole.get_result(house.connection()).await.map_err(failed)?;
    run.count(house.connection(), "institution_exports", whole.rows).await?;
    house.commit().await?;
    let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
    let now = tx.now();
    let expire = sql(EXPIRE).bind::<SqlUuid, _>(run.tenant).bind::<Timestamptz, _>(run.started_at);
    let expired: Changed = expire.bind::<Timestamptz, _>(now).get_result(tx.connection()).await.map_err(failed)?;
    run.count(tx.connection(), "exports", expired.rows).await?;
    expire_due(&mut tx).await?;
    tx.commit().await?;
    Ok(whole.rows + expired.rows)
}

/// Are files of before still there, or being made or read.
pub(super) async fn are_left(db: &Db, run: &Run) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Left {
        #[diesel(sql_type = Bool)]
        holds: bool,
    }
    let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
    let left = sql(LEFT).bind::<SqlUuid, _>(run.tenant).bind::<Timestamptz, _>(run.started_at);
    let Left { holds } = left.get_result(tx.connection()).await.map_err(failed)?;
    Ok(holds)
}
