//! Asking for an erasure, saying that it shall be, and calling it off.
//!
//! Not here: the erasing (`erase`).

use std::sync::Arc;

use chrono::TimeDelta;
use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_core::{
    Ability, Code, Error, Id, Key, Result, Role, Scope,
    audit::Entry,
    db::{TenantTx, failed, sql},
    events::NewEvent,
    fields::Fields,
    id,
    members::{self, Member, MemberChange, MemberStatus},
};
use stoa_protocols::event::{ErasureFacts, EventData, EventType, ObjectKind, UserFacts};

use super::{
    holds,
    rows::{Erasure, ErasureStatus, erasure_columns},
};

/// How long things take.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// From the word that it shall be to the erasing: until then it can be cancelled.
    pub grace: TimeDelta,
    /// From the request to when it should be done.
    pub due: TimeDelta,
}

/// Which erasures.
#[derive(Debug, Clone, Copy, Default)]
pub struct ErasureFilter {
    /// Those that stand there.
    pub status: Option<ErasureStatus>,
    /// Those of this person.
    pub user: Option<Id<id::User>>,
    /// Those older than this one.
    pub before: Option<Id<id::Erasure>>,
}

const INSERT: &str = concat!(
    "WITH e AS (INSERT INTO erasures (tenant_id, id, user_id, status, reason, requested_by, requested_at, due_at, created_at, updated_at)
       VALUES ($1, $2, $3, 'requested', $4, $5, $6, $7, $6, $6) RETURNING *)
     SELECT ",
    erasure_columns!(),
    " FROM e"
);
const SCHEDULE: &str = concat!(
    "WITH e AS (UPDATE erasures SET status = 'scheduled', confirmed_by = $3, confirmed_at = $4, erase_after = $5, status_before = $6,
       revision = revision + $7, updated_at = $4 WHERE tenant_id = $1 AND id = $2 RETURNING *)
     SELECT ",
    erasure_columns!(),
    " FROM e"
);
const CANCEL: &str = concat!(
    "WITH e AS (UPDATE erasures SET status = 'cancelled', cancelled_by = $3, cancelled_at = $4, updated_at = $4
       WHERE tenant_id = $1 AND id = $2 RETURNING *)
     SELECT ",
    erasure_columns!(),
    " FROM e"
);
const ONE: &str = concat!("SELECT ", erasure_columns!(), " FROM erasures e WHERE e.tenant_id = $1 AND e.id = $2");
const ONE_FOR_CHANGE: &str = concat!(
    "SELECT ",
    erasure_columns!(),
    " FROM erasures e WHERE e.tenant_id = $1 AND e.id = $2 FOR NO KEY UPDATE OF e"
);
const LIST: &str = concat!(
    "SELECT ",
    erasure_columns!(),
    " FROM erasures e WHERE e.tenant_id = $1 AND ($2 IS NULL OR e.status = $2) AND ($3 IS NULL OR e.user_id = $3)
       AND ($4 IS NULL OR e.id < $4) ORDER BY e.id DESC LIMIT $5"
);
const OPEN: &str =
    "SELECT id FROM erasures WHERE tenant_id = $1 AND user_id = $2 AND status IN ('requested', 'scheduled', 'running')";

/// Asks for the erasure of a person. Whoever asks for his own waits for somebody else's word; whoever keeps the privacy of
/// the institution has said so by asking.
///
/// # Errors
/// `ability_missing` for somebody else without `privacy:manage`, or for somebody who may do more; `not_found`;
/// `validation_failed`; `conflict` for the last owner, and where an erasure is open; `erasure_blocked` under a legal hold.
pub async fn ask(
    tx: &mut TenantTx,
    scope: &Scope,
    key: &Key<id::User>,
    (mut reason, rules): (String, &Rules),
) -> Result<Erasure> {
    let mut fields = Fields::new();
    fields.name("/reason", &mut reason);
    fields.finish()?;
    let found = members::find(tx, key).await?;
    let is_own = found.as_ref().is_some_and(|member| scope.person() == Some(member.id));
    if !is_own && !scope.may(Ability::PrivacyManage) {
        let detail = format!("the erasure of somebody else needs {}", Ability::PrivacyManage);
        return Err(Error::new(Code::AbilityMissing, detail));
    }
    let member = found.ok_or_else(|| Error::not_found("member"))?;
    holds::lock(tx, member.id).await?;
    refuse_open(tx, member.id).await?;
    let asked = insert(tx, scope, &member, (&reason, rules)).await?;
    tx.audit(Entry::of("erasure.requested", asked.id).is(json!({ "user_id": member.id, "reason": reason })));
    if is_own {
        keep_an_owner(tx, &member).await?;
        tell(tx, &asked, &member);
        return Ok(asked);
    }
    schedule(tx, scope, (asked, member), rules).await
}

/// Says that an erasure which the person asked for shall be.
///
/// # Errors
/// `not_found`; `conflict` where it is not just requested, for one's own, and for the last owner; `erasure_blocked` under a
/// legal hold; `ability_missing` for somebody who may do more than the caller.
pub async fn confirm(tx: &mut TenantTx, scope: &Scope, id: Id<id::Erasure>, rules: &Rules) -> Result<Erasure> {
    let asked = get_for_change(tx, id).await?;
    if asked.status != ErasureStatus::Requested {
        return Err(Error::new(Code::Conflict, format!("the erasure is {}", asked.status)));
    }
    if scope.person() == Some(asked.user_id) {
        return Err(Error::new(Code::Conflict, "somebody else has to confirm what you asked for yourself"));
    }
    let member = members::get(tx, &asked.user_id.into()).await?;
    holds::lock(tx, member.id).await?;
    let before = asked.revision;
    let scheduled = schedule(tx, scope, (asked, member), rules).await?;
    tx.audit(
        Entry::of("erasure.confirmed", id)
            .was(json!({ "revision": before }))
            .is(json!({ "erase_after": scheduled.erase_after })),
    );
    Ok(scheduled)
}

/// Calls an erasure off. The person is again what he was, as long as there is a seat.
///
/// # Errors
/// `not_found`, also for whoever asks for somebody else's without `privacy:manage`; `ability_missing` for taking back what
/// others said; `conflict` where it has begun or is over.
pub async fn cancel(tx: &mut TenantTx, scope: &Scope, id: Id<id::Erasure>) -> Result<Erasure> {
    let before = get_for_change(tx, id).await?;
    if !scope.may(Ability::PrivacyManage) {
        if scope.person() != Some(before.user_id) {
            return Err(Error::not_found("erasure"));
        }
        if before.status != ErasureStatus::Requested {
            return Err(Error::new(
                Code::AbilityMissing,
                format!("cancelling it now needs {}", Ability::PrivacyManage),
            ));
        }
    }
    if !matches!(before.status, ErasureStatus::Requested | ErasureStatus::Scheduled) {
        return Err(Error::new(Code::Conflict, format!("the erasure is {}", before.status)));
    }
    bring_back(tx, scope, &before).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let after: Erasure = sql(CANCEL)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<SqlUuid>, _>(scope.person().map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    tx.audit(
        Entry::of("erasure.cancelled", id)
            .was(json!({ "status": before.status }))
            .is(json!({ "status": after.status })),
    );
    Ok(after)
}

/// Shows an erasure.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::Erasure>) -> Result<Erasure> {
    one(tx, id, ONE).await
}

/// Lists erasures, the newest first, and says whether there are more.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: ErasureFilter, most: i64) -> Result<(Vec<Erasure>, bool)> {
    let tenant = tx.tenant();
    let mut rows: Vec<Erasure> = sql(LIST)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<Text>, _>(filter.status.map(ErasureStatus::as_str))
        .bind::<Nullable<SqlUuid>, _>(filter.user.map(Id::uuid))
        .bind::<Nullable<SqlUuid>, _>(filter.before.map(Id::uuid))
        .bind::<BigInt, _>(most + 1)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    Ok((rows, more))
}

async fn get_for_change(tx: &mut TenantTx, id: Id<id::Erasure>) -> Result<Erasure> {
    one(tx, id, ONE_FOR_CHANGE).await
}

async fn one(tx: &mut TenantTx, id: Id<id::Erasure>, text: &'static str) -> Result<Erasure> {
    let tenant = tx.tenant();
    let found = sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).get_result(tx.connection()).await;
    found.optional().map_err(failed)?.ok_or_else(|| Error::not_found("erasure"))
}

async fn insert(tx: &mut TenantTx, scope: &Scope, member: &Member, (reason, rules): (&str, &Rules)) -> Result<Erasure> {
    let (tenant, id, now) = (tx.tenant(), tx.new_id::<id::Erasure>(), tx.now());
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(member.id)
        .bind::<Text, _>(reason)
        .bind::<Nullable<SqlUuid>, _>(scope.person().map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + rules.due)
        .get_result(tx.connection())
        .await
        .map_err(failed)
}

/// The person is out from now on.
async fn schedule(
    tx: &mut TenantTx,
    scope: &Scope,
    (asked, member): (Erasure, Member),
    rules: &Rules,
) -> Result<Erasure> {
    holds::refuse_held(tx, member.id).await?;
    if member.role != Role::Learner {
        members::may_grant(scope, member.role)?;
    }
    if member.status != MemberStatus::Removed {
        members::remove(tx, &with_all(scope), &member.id.into()).await?;
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let was_told = i32::from(scope.person() != Some(member.id) && asked.requested_by == Some(member.id));
    let scheduled: Erasure = sql(SCHEDULE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(asked.id)
        .bind::<Nullable<SqlUuid>, _>(scope.person().map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + rules.grace)
        .bind::<Text, _>(member.status.as_str())
        .bind::<diesel::sql_types::Integer, _>(was_told)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    tell(tx, &scheduled, &member);
    Ok(scheduled)
}

/// Whoever may erase learners may remove them for it, whatever else he may.
fn with_all(scope: &Scope) -> Scope {
    Scope { abilities: Ability::ALL.into(), ..scope.clone() }
}

/// Refuses the last owner right away, and not only when somebody confirms.
async fn keep_an_owner(tx: &mut TenantTx, member: &Member) -> Result<()> {
    if member.role != Role::Owner || member.status != MemberStatus::Active {
        return Ok(());
    }
    members::leave_an_owner(tx, &[member.id]).await
}

async fn refuse_open(tx: &mut TenantTx, user: Id<id::User>) -> Result<()> {
    let tenant = tx.tenant();
    let open = sql(OPEN).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user).execute(tx.connection());
    match open.await.map_err(failed)? {
        0 => Ok(()),
        _ => Err(Error::new(Code::Conflict, "an erasure of this person is open already")),
    }
}

/// Gives the membership back. Where no seat is left, or the person had not joined yet, he stays removed: that is no reason
/// to erase him.
async fn bring_back(tx: &mut TenantTx, scope: &Scope, before: &Erasure) -> Result<()> {
    let status = match before.status_before.as_deref().and_then(|status| status.parse().ok()) {
        Some(status @ (MemberStatus::Active | MemberStatus::Deactivated)) => status,
        Some(MemberStatus::Invited | MemberStatus::Removed) | None => return Ok(()),
    };
    let key = Key::Id(before.user_id);
    let is_out = members::find(tx, &key).await?.is_some_and(|member| member.status == MemberStatus::Removed);
    if !is_out {
        return Ok(());
    }
    let change = MemberChange { status: Some(status), ..MemberChange::default() };
    match members::change(tx, &with_all(scope), &key, change).await {
        Err(error) if error.code() != Code::SeatsExceeded => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The last event that names the person: whoever keeps him under another key learns here which id that is.
fn tell(tx: &mut TenantTx, erasure: &Erasure, member: &Member) {
    record(tx, (EventType::ErasureRequested, ObjectKind::Erasure), erasure, member.facts());
}

/// Records an event about an erasure.
pub(super) fn record(
    tx: &mut TenantTx,
    (event_type, kind): (EventType, ObjectKind),
    erasure: &Erasure,
    user: Arc<UserFacts>,
) {
    let facts = ErasureFacts {
        id: erasure.id.to_string(),
        status: erasure.status.as_str().to_owned(),
        requested_at: erasure.requested_at,
        erase_after: erasure.erase_after,
        completed_at: erasure.completed_at,
    };
    let object_id = if kind == ObjectKind::User { erasure.user_id.uuid() } else { erasure.id.uuid() };
    let data = EventData { user: Some(user), erasure: Some(Box::new(facts)), ..EventData::default() };
    tx.record(NewEvent {
        event_type,
        object_kind: kind,
        object_id,
        revision: erasure.revision,
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at: tx.now(),
        concludes: false,
    });
}
