//! What may be done with an import: have its plan applied, stop it, end it.
//!
//! Not here: the chunks of reading (`plan`) and applying (`apply`).

use diesel::{
    QueryableByName,
    sql_types::{Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_protocols::event::EventType;

use super::{Import, ImportStatus, Obstacle, announce, queries};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    members,
};

/// Somebody of the plan is not as the plan was made for; a key of somebody new is taken by now; or a later edition of the
/// data set was applied in between.
const STALE: &str = "SELECT EXISTS (SELECT FROM import_rows r JOIN users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
      WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.action IN ('update', 'deactivate') AND u.updated_at <> r.user_seen)
    OR EXISTS (SELECT FROM import_rows r JOIN users u ON u.tenant_id = r.tenant_id AND u.email_key = r.email_key
      WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.action = 'create')
    OR EXISTS (SELECT FROM import_rows r JOIN users u ON u.tenant_id = r.tenant_id AND u.external_id = r.external_id
      WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.action = 'create')
    OR EXISTS (SELECT FROM imports i JOIN imports o ON o.tenant_id = i.tenant_id AND o.data_set = i.data_set
      WHERE i.tenant_id = $1 AND i.id = $2 AND o.id <> i.id AND o.applying_at >= i.planned_at)
    AS holds";
const START: &str = "UPDATE imports SET status = 'applying', applying_at = $3, updated_at = $3
  WHERE tenant_id = $1 AND id = $2";
const END: &str =
    "UPDATE imports SET status = $3, obstacle = coalesce($4, obstacle), finished_at = $5, updated_at = $5,
    seats_reserved = 0, lease_until = NULL
  WHERE tenant_id = $1 AND id = $2";

/// What came of the word to apply a plan.
#[derive(Debug, Clone)]
pub enum Ordered {
    /// It is applied; whoever calls promises the work.
    Applying(Box<Import>),
    /// People changed since it was made, so it never will be. Commit, and refuse.
    Stale,
}

#[derive(QueryableByName)]
struct Holds {
    #[diesel(sql_type = Bool)]
    holds: bool,
}

/// Has a plan applied, exactly as it was made.
///
/// # Errors
/// `not_found`; `conflict` where there is no plan that waits, or something stands against it; `seats_exceeded`.
pub async fn order_apply(tx: &mut TenantTx, import: Id<id::Import>) -> Result<Ordered> {
    let import = queries::get_alone(tx, import).await?;
    if import.status == ImportStatus::Stale {
        return Ok(Ordered::Stale);
    }
    if import.status != ImportStatus::Planned {
        return Err(Error::new(Code::Conflict, format!("the import is {}; only a plan can be applied", import.status)));
    }
    if let Some(obstacle) = import.obstacle() {
        let code = if obstacle.code == "seats_exceeded" { Code::SeatsExceeded } else { Code::Conflict };
        return Err(Error::new(code, obstacle.message));
    }
    let tenant = tx.tenant();
    let stale = sql(STALE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import.id);
    let stale: Holds = stale.get_result(tx.connection()).await.map_err(failed)?;
    if stale.holds {
        let why = Obstacle::new("stale_plan", "people changed since the plan was made; send the file again");
        end(tx, &import, ImportStatus::Stale, Some(&why)).await?;
        return Ok(Ordered::Stale);
    }
    start(tx, &import).await?;
    tx.audit(Entry::of("import.applied", import.id).was(json!({ "status": "planned" })).is(summary(&import)));
    queries::get(tx, import.id).await.map(|import| Ordered::Applying(Box::new(import)))
}

/// Stops an import, at once or after the chunk that is being applied. What was applied stays.
///
/// # Errors
/// `not_found`; `conflict` for one that has ended.
pub async fn cancel(tx: &mut TenantTx, import: Id<id::Import>) -> Result<Import> {
    let import = queries::get_alone(tx, import).await?;
    if !import.status.is_open() {
        return Err(Error::new(Code::Conflict, format!("the import is {} already", import.status)));
    }
    let why = match import.status {
        ImportStatus::Applying => {
            let (done, of) = (import.rows_done, import.rows_total.unwrap_or_default());
            format!("somebody stopped it after {done} of {of} rows, which stay as they were applied")
        }
        _ => "somebody stopped it before anything was applied".to_owned(),
    };
    let ended = end(tx, &import, ImportStatus::Cancelled, Some(&Obstacle::new("cancelled", why))).await?;
    tx.audit(
        Entry::of("import.cancelled", import.id).was(json!({ "status": import.status.as_str() })).is(summary(&ended)),
    );
    Ok(ended)
}

/// Ends an import that cannot go on. What was applied stays.
///
/// # Errors
/// `not_found`. One that has ended stays as it ended.
pub async fn fail(tx: &mut TenantTx, import: Id<id::Import>, why: &Obstacle) -> Result<Import> {
    let import = queries::get_alone(tx, import).await?;
    if !import.status.is_open() {
        return Ok(import);
    }
    end(tx, &import, ImportStatus::Failed, Some(why)).await
}

/// Begins to apply a plan: holds the seats of all whom it adds.
pub(super) async fn start(tx: &mut TenantTx, import: &Import) -> Result<()> {
    if import.seats_reserved > 0 {
        members::reserve_seats(tx, import.seats_reserved.into()).await?;
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let start = sql(START).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(import.id).bind::<Timestamptz, _>(now);
    start.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Ends an import: gives back the seats that nobody took, and tells.
pub(super) async fn end(
    tx: &mut TenantTx,
    import: &Import,
    status: ImportStatus,
    why: Option<&Obstacle>,
) -> Result<Import> {
    if import.status == ImportStatus::Applying && import.seats_reserved > 0 {
        members::release_seats(tx, import.seats_reserved.into()).await?;
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let why = why.map(serde_json::to_value).transpose().map_err(Error::internal)?;
    sql(END)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Text, _>(status.as_str())
        .bind::<diesel::sql_types::Nullable<Jsonb>, _>(why)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let ended = queries::get(tx, import.id).await?;
    let event = match status {
        ImportStatus::Completed | ImportStatus::CompletedWithErrors => EventType::MemberImportCompleted,
        _ => EventType::MemberImportFailed,
    };
    announce::record(tx, &ended, event);
    Ok(ended)
}

fn summary(import: &Import) -> serde_json::Value {
    json!({ "status": import.status.as_str(), "rows_done": import.rows_done, "rows_total": import.rows_total })
}
