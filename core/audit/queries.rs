//! What may be asked of the audit log.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{ActorKey, ActorKind, AuditEntry};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id},
};

macro_rules! entries {
    ($which:literal) => {
        concat!(
            "SELECT id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, before, after, request_id, address
             FROM audit_log WHERE tenant_id = $1 AND ",
            $which
        )
    };
}

// What narrows most has a statement of its own, so that its plan, which is kept, begins with the index for it.
macro_rules! page {
    ($narrow:literal) => {
        concat!(
            entries!($narrow),
            " AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR object_id = $3) AND ($4::uuid IS NULL OR actor_id = $4)
              AND ($5::text IS NULL OR actor_kind = $5) AND ($6::text IS NULL OR action = $6 OR starts_with(action, $6 || '.'))
              AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
             ORDER BY id DESC LIMIT $9"
        )
    };
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By whom.
    pub actor: Option<ActorKey>,
    /// What was done: an action, or the kind of thing that it was done to.
    pub action: Option<String>,
    /// To what, by its id.
    pub object: Option<String>,
    /// At or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
    /// Older than this entry.
    pub before: Option<Id<id::AuditEntry>>,
}

/// Lists entries, the newest first, and says whether there are older ones.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &AuditFilter, most: i64) -> Result<(Vec<AuditEntry>, bool)> {
    let (kind, one) = match filter.actor {
        Some(ActorKey::Kind(kind)) => (Some(kind), None),
        Some(ActorKey::One(id)) => (None, Some(id)),
        None => (None, None),
    };
    let statement = match (&filter.object, one) {
        (Some(_), _) => sql(page!("object_id = $3")),
        (None, Some(_)) => sql(page!("actor_id = $4")),
        (None, None) => sql(page!("true")),
    };
    let tenant = tx.tenant();
    let mut rows: Vec<AuditEntry> = statement
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(filter.before.map(Id::uuid))
        .bind::<Nullable<Text>, _>(&filter.object)
        .bind::<Nullable<SqlUuid>, Option<Uuid>>(one)
        .bind::<Nullable<Text>, _>(kind.map(ActorKind::as_str))
        .bind::<Nullable<Text>, _>(&filter.action)
        .bind::<Nullable<Timestamptz>, _>(filter.from)
        .bind::<Nullable<Timestamptz>, _>(filter.to)
        .bind::<BigInt, _>(most.saturating_add(1))
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let more = rows.len() > usize::try_from(most).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((rows, more))
}

/// Gets an entry.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::AuditEntry>) -> Result<AuditEntry> {
    let tenant = tx.tenant();
    let found = sql(entries!("id = $2")).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    let found = found.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("entry of the audit log"))
}
