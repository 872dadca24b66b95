//! Writing entries, in the transaction of what was done.

use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{ActorKind, Entry};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    scope::Actor,
};

const WRITE: &str = "INSERT INTO audit_log
  (tenant_id, id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, before, after, request_id, address)
  SELECT $1, e.id, $2, $3, $4,
    COALESCE((SELECT u.name FROM users u WHERE $3 = 'person' AND u.tenant_id = $1 AND u.id = $4),
      (SELECT t.name FROM tokens t WHERE $3 = 'integration' AND t.tenant_id = $1 AND t.id = $4), $5),
    e.action, e.object_kind, e.object_id, e.before, e.after, $6, $7
  FROM unnest($8, $9, $10, $11, $12, $13) AS e(id, action, object_kind, object_id, before, after)";

/// What the server calls itself.
const HOUSE_NAME: &str = "Stoa";

/// Writes entries down, in one statement.
pub(crate) async fn write(tx: &mut TenantTx, entries: &[Entry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let by = tx.by().cloned();
    let actor = by.as_ref().map_or(Actor::House, |by| by.actor);
    let actor_id = match actor {
        Actor::Person(id) => Some(id.uuid()),
        Actor::Integration(id) => Some(id.uuid()),
        Actor::Staff(id) => Some(id.uuid()),
        Actor::House => None,
    };
    let name = by.as_ref().and_then(|by| by.name.as_deref()).unwrap_or(HOUSE_NAME);
    let ids: Vec<Id<id::AuditEntry>> = entries.iter().map(|_| tx.new_id()).collect();
    sql(WRITE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(ActorKind::of(actor).as_str())
        .bind::<Nullable<SqlUuid>, _>(actor_id)
        .bind::<Text, _>(name)
        .bind::<Nullable<Text>, _>(by.as_ref().and_then(|by| by.request_id.as_deref()))
        .bind::<Nullable<Text>, _>(by.as_ref().and_then(|by| by.address).map(|address| address.to_string()))
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Text>, _>(entries.iter().map(|entry| entry.action).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(entries.iter().map(Entry::object_kind).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(entries.iter().map(|entry| entry.object_id.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Jsonb>>, _>(entries.iter().map(|entry| entry.before.clone()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Jsonb>>, _>(entries.iter().map(|entry| entry.after.clone()).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
