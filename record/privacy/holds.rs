//! Legal holds: people who may not be erased, because somebody may have to prove something.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_core::{
    Code, Error, Id, Key, Result, Scope,
    audit::Entry,
    db::{TenantTx, failed, sql},
    fields::Fields,
    id,
    members::{self, Member},
};

/// A hold.
#[derive(Debug, Clone, QueryableByName)]
pub struct LegalHold {
    /// Who may not be erased.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// Why.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// The person who placed it; none where a token or the staff did.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub placed_by: Option<Id<id::User>>,
    /// Since when.
    #[diesel(sql_type = Timestamptz)]
    pub placed_at: DateTime<Utc>,
}

const FIND: &str =
    "SELECT user_id, reason, placed_by, placed_at FROM legal_holds WHERE tenant_id = $1 AND user_id = $2";
const PLACE: &str =
    "INSERT INTO legal_holds (tenant_id, user_id, reason, placed_by, placed_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id, user_id) DO UPDATE SET reason = excluded.reason
  RETURNING user_id, reason, placed_by, placed_at";
const LIFT: &str = "DELETE FROM legal_holds WHERE tenant_id = $1 AND user_id = $2";
const RUNS: &str = "SELECT user_id AS id FROM erasures WHERE tenant_id = $1 AND user_id = $2 AND status = 'running'";
/// Whoever begins to erase somebody waits for whoever is just placing a hold, and the other way round.
const LOCK: &str = "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE";

/// Shows the hold of a person.
///
/// # Errors
/// `not_found` where nobody or no hold is.
pub async fn hold(tx: &mut TenantTx, key: &Key<id::User>) -> Result<LegalHold> {
    let member = members::get(tx, key).await?;
    find(tx, member.id).await?.ok_or_else(|| Error::not_found("legal hold"))
}

/// Places a hold, or gives the one that stands another reason.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the person is being erased.
pub async fn place(tx: &mut TenantTx, scope: &Scope, key: &Key<id::User>, mut reason: String) -> Result<LegalHold> {
    let mut fields = Fields::new();
    fields.name("/reason", &mut reason);
    fields.finish()?;
    let member = members::get(tx, key).await?;
    lock(tx, member.id).await?;
    refuse_running(tx, &member).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let hold: LegalHold = sql(PLACE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(member.id)
        .bind::<Text, _>(reason)
        .bind::<Nullable<SqlUuid>, _>(scope.person().map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    tx.audit(Entry::of("legal_hold.placed", member.id).is(json!({ "reason": hold.reason })));
    Ok(hold)
}

/// Lifts a hold. An erasure that waited for it goes on.
///
/// # Errors
/// `not_found` where nobody or no hold is.
pub async fn lift(tx: &mut TenantTx, key: &Key<id::User>) -> Result<()> {
    let before = hold(tx, key).await?;
    let tenant = tx.tenant();
    let lift = sql(LIFT).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(before.user_id);
    lift.execute(tx.connection()).await.map_err(failed)?;
    tx.audit(Entry::of("legal_hold.lifted", before.user_id).was(json!({ "reason": before.reason })));
    Ok(())
}

pub(super) async fn find(tx: &mut TenantTx, user: Id<id::User>) -> Result<Option<LegalHold>> {
    let tenant = tx.tenant();
    let found = sql(FIND).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user).get_result(tx.connection()).await;
    found.optional().map_err(failed)
}

/// Refuses to go on where a hold stands.
pub(super) async fn refuse_held(tx: &mut TenantTx, user: Id<id::User>) -> Result<()> {
    match find(tx, user).await? {
        Some(_) => Err(Error::new(Code::ErasureBlocked, "a legal hold stands: it has to be lifted first")),
        None => Ok(()),
    }
}

pub(super) async fn lock(tx: &mut TenantTx, user: Id<id::User>) -> Result<()> {
    let tenant = tx.tenant();
    sql(LOCK).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user).execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

async fn refuse_running(tx: &mut TenantTx, member: &Member) -> Result<()> {
    let tenant = tx.tenant();
    let running = sql(RUNS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(member.id).execute(tx.connection());
    match running.await.map_err(failed)? {
        0 => Ok(()),
        _ => Err(Error::new(Code::Conflict, "the person is being erased already")),
    }
}
