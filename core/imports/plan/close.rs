//! Closing a plan: what only the whole file shows.
//!
//! # Rule
//! Two rows with one key, or of one person, are both refused: nobody knows which of them is meant. People of the data set
//! whom the file does not name lose access if that was asked for, unless they are more than the threshold. What stands
//! against applying stands in the plan; an import that was to be applied at once then fails.

use diesel::{
    QueryableByName,
    sql_types::{Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{EventType, MemberImportCounts};

use crate::{
    db::{Sql, TenantTx, failed, sql},
    error::{Error, Result},
    imports::{Import, ImportMode, ImportOptions, Obstacle, OnMissing, announce, commands, queries},
    members,
};

macro_rules! twins_by {
    ($key:literal, $column:literal, $what:literal) => {
        sql(concat!(
            "WITH twins AS MATERIALIZED (
               SELECT ",
            $key,
            " AS key, string_agg(line::text, ', ' ORDER BY line) AS lines FROM import_rows
               WHERE tenant_id = $1 AND import_id = $2 AND ",
            $key,
            " IN (
                 SELECT ",
            $key,
            " FROM import_rows WHERE tenant_id = $1 AND import_id = $2 AND ",
            $key,
            " IS NOT NULL
                 GROUP BY ",
            $key,
            " HAVING count(*) > 1)
               GROUP BY ",
            $key,
            ")
             UPDATE import_rows r SET action = 'invalid',
               faults = coalesce(r.faults, '[]') || jsonb_build_array(jsonb_build_object(
                 'column', ",
            $column,
            ", 'code', 'duplicate',
                 'message', '",
            $what,
            " stands on lines ' || left(t.lines, 100)))
             FROM twins t WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.",
            $key,
            " = t.key
               AND NOT coalesce(r.faults @> '[{\"code\": \"duplicate\"}]', false)"
        ))
    };
}

/// Each row is told once that it has a twin.
const TWINS: [Sql; 3] = [
    twins_by!("email_key", "'email'", "the same address"),
    twins_by!("user_id", "NULL", "the same member"),
    twins_by!("external_id", "'external_id'", "the same external id"),
];

/// Those whom the sender may not touch, and the sender himself, are not missed.
const MISSING: &str =
    "INSERT INTO import_rows (tenant_id, import_id, line, action, user_id, user_seen, external_id, email,
    email_key, name, first_name, last_name, locale, time_zone, role, status, was, changed)
  SELECT $1, $2, $4 + row_number() OVER (ORDER BY u.id), 'deactivate', u.id, u.updated_at, u.external_id, u.email,
    u.email_key, u.name, u.first_name, u.last_name, u.locale, u.time_zone, m.role, 'deactivated', m.status, '{status}'
  FROM data_set_members d
  JOIN users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id
  JOIN memberships m ON m.tenant_id = d.tenant_id AND m.user_id = d.user_id
  WHERE d.tenant_id = $1 AND d.data_set = $3 AND NOT d.gone
    AND m.status IN ('active', 'invited') AND m.provisioned_by <> 'scim'
    AND m.role IN (SELECT unnest(i.grants) FROM imports i WHERE i.tenant_id = $1 AND i.id = $2)
    AND d.user_id IS DISTINCT FROM (SELECT i.started_by FROM imports i WHERE i.tenant_id = $1 AND i.id = $2)
    AND NOT EXISTS (SELECT FROM import_rows r WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.user_id = d.user_id)";
const OF_SET: &str =
    "SELECT count(*) AS total FROM data_set_members WHERE tenant_id = $1 AND data_set = $2 AND NOT gone";

/// If the plan leaves no owner, whoever it takes that from stays.
const LAST_OWNER: &str = "WITH leaving AS (
    SELECT r.line, r.user_id FROM import_rows r
    JOIN memberships m ON m.tenant_id = r.tenant_id AND m.user_id = r.user_id AND m.role = 'owner' AND m.status = 'active'
    WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.action IN ('update', 'deactivate')
      AND (r.role <> 'owner' OR r.status <> 'active'))
  UPDATE import_rows r SET action = CASE WHEN r.line > $3 THEN 'skipped' ELSE 'invalid' END,
    faults = coalesce(r.faults, '[]') || $4
  FROM leaving l WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line = l.line
    AND NOT EXISTS (SELECT FROM memberships o WHERE o.tenant_id = $1 AND o.role = 'owner' AND o.status = 'active'
      AND o.user_id NOT IN (SELECT user_id FROM leaving))";

const COUNTS: &str = "SELECT action, count(*)::integer AS rows FROM import_rows
  WHERE tenant_id = $1 AND import_id = $2 GROUP BY action";
const SEATS: &str = "SELECT count(*) AS total FROM import_rows
  WHERE tenant_id = $1 AND import_id = $2 AND action IN ('create', 'update')
    AND status IN ('active', 'invited') AND (was IS NULL OR was NOT IN ('active', 'invited'))";

const CLOSE: &str = "UPDATE imports SET status = $3, rows_total = $4, planned = $5, obstacle = $6, seats_reserved = $7,
    planned_at = $8, updated_at = $8, finished_at = CASE WHEN $3 = 'failed' THEN $8 END, lease_until = NULL
  WHERE tenant_id = $1 AND id = $2";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    action: crate::imports::RowAction,
    #[diesel(sql_type = Integer)]
    rows: i32,
}

/// Closes the plan of an import whose turn it is. `last_line` is the last one of the file. One that was to be applied at
/// once goes on to that, or fails; any other waits.
///
/// # Errors
/// As the database says.
pub async fn close(tx: &mut TenantTx, import: &Import, last_line: i32) -> Result<Import> {
    let (tenant, options) = (tx.tenant(), import.options()?);
    for twins in TWINS {
        let twins = twins.bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import.id);
        twins.execute(tx.connection()).await.map_err(failed)?;
    }
    let missing = add_missing(tx, import, &options, last_line).await?;
    keep_an_owner(tx, import, last_line).await?;
    let planned = counts(tx, import).await?;
    let seats = seats_of(tx, import).await?;
    let obstacle = match too_many_missing(tx, &options, missing).await? {
        None => against(tx, &options, &planned, seats).await?,
        some => some,
    };
    write(tx, import, (&planned, seats), obstacle.as_ref()).await?;
    let mut closed = queries::get(tx, import.id).await?;
    announce::record(tx, &closed, EventType::MemberImportPlanned);
    if import.mode == ImportMode::Apply && obstacle.is_none() {
        commands::start(tx, &closed).await?;
        closed = queries::get(tx, import.id).await?;
    } else if import.mode == ImportMode::Apply {
        announce::record(tx, &closed, EventType::MemberImportFailed);
    }
    Ok(closed)
}

async fn add_missing(tx: &mut TenantTx, import: &Import, options: &ImportOptions, last_line: i32) -> Result<i64> {
    let (OnMissing::Deactivate, Some(set)) = (options.on_missing, &options.data_set) else { return Ok(0) };
    let tenant = tx.tenant();
    let added = sql(MISSING)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Text, _>(set)
        .bind::<Integer, _>(last_line)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(i64::try_from(added).unwrap_or(i64::MAX))
}

async fn too_many_missing(tx: &mut TenantTx, options: &ImportOptions, missing: i64) -> Result<Option<Obstacle>> {
    let (Some(set), true) = (&options.data_set, missing > 0) else { return Ok(None) };
    let tenant = tx.tenant();
    let all = sql(OF_SET).bind::<SqlUuid, _>(tenant).bind::<Text, _>(set);
    let all: crate::db::Total = all.get_result(tx.connection()).await.map_err(failed)?;
    if missing.saturating_mul(100) <= all.total.saturating_mul(options.change_threshold.into()) {
        return Ok(None);
    }
    let why = format!(
        "the file does not name {missing} of {} people in the data set, more than the {} % that may go by one file",
        all.total, options.change_threshold
    );
    Ok(Some(Obstacle::new("change_threshold_exceeded", why)))
}

async fn keep_an_owner(tx: &mut TenantTx, import: &Import, last_line: i32) -> Result<()> {
    let tenant = tx.tenant();
    let why = serde_json::json!([{
        "column": null, "code": "last_owner", "message": "an institution needs an owner; make somebody else owner first",
    }]);
    sql(LAST_OWNER)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Integer, _>(last_line)
        .bind::<Jsonb, _>(why)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn counts(tx: &mut TenantTx, import: &Import) -> Result<MemberImportCounts> {
    use crate::imports::RowAction as A;
    let tenant = tx.tenant();
    let counts = sql(COUNTS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import.id);
    let rows: Vec<Count> = counts.load(tx.connection()).await.map_err(failed)?;
    let of = |action: A| rows.iter().find(|row| row.action == action).map_or(0, |row| row.rows);
    Ok(MemberImportCounts {
        create: of(A::Create),
        update: of(A::Update),
        unchanged: of(A::Unchanged),
        deactivate: of(A::Deactivate),
        invalid: of(A::Invalid),
        skipped: of(A::Skipped),
        failed: 0,
    })
}

async fn seats_of(tx: &mut TenantTx, import: &Import) -> Result<i64> {
    let tenant = tx.tenant();
    let seats = sql(SEATS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import.id);
    let seats: crate::db::Total = seats.get_result(tx.connection()).await.map_err(failed)?;
    Ok(seats.total)
}

/// What else stands against applying.
async fn against(
    tx: &mut TenantTx,
    options: &ImportOptions,
    planned: &MemberImportCounts,
    seats: i64,
) -> Result<Option<Obstacle>> {
    if options.atomic && planned.invalid > 0 {
        let why = format!("{} rows are not valid, and all or none were to be applied", planned.invalid);
        return Ok(Some(Obstacle::new("invalid_rows", why)));
    }
    let available = members::seats(tx).await?.available();
    Ok(available.filter(|available| seats > *available).map(|available| {
        let why = format!("the plan needs {seats} seats and {} are left", available.max(0));
        Obstacle::new("seats_exceeded", why)
    }))
}

async fn write(
    tx: &mut TenantTx,
    import: &Import,
    (planned, seats): (&MemberImportCounts, i64),
    obstacle: Option<&Obstacle>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let fails = import.mode == ImportMode::Apply && obstacle.is_some();
    let obstacle = obstacle.map(serde_json::to_value).transpose().map_err(Error::internal)?;
    sql(CLOSE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Text, _>(if fails { "failed" } else { "planned" })
        .bind::<Integer, _>(planned.total())
        .bind::<Jsonb, _>(serde_json::to_value(planned).map_err(Error::internal)?)
        .bind::<Nullable<Jsonb>, _>(obstacle)
        .bind::<Integer, _>(i32::try_from(seats).unwrap_or(i32::MAX))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
