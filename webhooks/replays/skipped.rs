//! Events that a receiver was not sent when they happened, owed to it after all.

use std::collections::HashMap;

use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Replay;
use crate::{
    fanout::{Bodies, owe, write},
    matching::endpoints,
};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    events::{EventRow, RecordedEvent},
    id::TenantId,
    sealed::Sealer,
};

/// Makes deliveries of a replay out of events that were skipped; what was skipped is so no more. Rendered as the
/// receiver wants it today.
pub(super) async fn owe_skipped(
    tx: &mut HouseTx,
    (sealer, base_url): (&Sealer, &str),
    (tenant, replay): (TenantId, &Replay),
    events: &[Uuid],
) -> Result<Vec<Uuid>> {
    let events = take(tx, (tenant, replay), events).await?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints = endpoints(tx, vec![tenant.uuid()], sealer).await?;
    let endpoint = endpoints.get(&tenant).into_iter().flatten().find(|one| one.webhook() == replay.webhook_id);
    let Some((endpoint, receiver)) = endpoint.and_then(|one| Some(one).zip(one.receiver.as_ref())) else {
        return Ok(Vec::new());
    };
    let mut bodies: Bodies = HashMap::new();
    let mut owed = Vec::new();
    for event in &events {
        match owe(tx, event, (endpoint, receiver, base_url), &mut bodies) {
            Ok(one) => owed.push(one),
            Err(error) => {
                tracing::error!(event.id = %event.id, webhook.id = %replay.webhook_id, %error, "an event cannot be rendered");
            }
        }
    }
    write(tx, &owed, &bodies).await?;
    let deliveries: Vec<Uuid> = owed.iter().map(|one| one.outgoing.delivery.uuid()).collect();
    claim(tx, (tenant, replay), &deliveries).await?;
    Ok(deliveries)
}

/// Takes events out of what was skipped, in the order in which they happened.
async fn take(tx: &mut HouseTx, (tenant, replay): (TenantId, &Replay), events: &[Uuid]) -> Result<Vec<RecordedEvent>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<EventRow> = sql("WITH taken AS (
           DELETE FROM skips s USING unnest($3) AS k(id)
           WHERE s.tenant_id = $1 AND s.webhook_id = $2 AND s.event_id = k.id RETURNING s.event_id)
         SELECT e.tenant_id, e.id, e.type, e.object_kind, e.object_id, e.revision, e.scope_ids, e.data, e.request_id,
           e.occurred_at, e.created_at
         FROM taken t JOIN events e ON e.tenant_id = $1 AND e.id = t.event_id ORDER BY e.id")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(replay.webhook_id.uuid())
    .bind::<Array<SqlUuid>, _>(events)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    rows.into_iter().map(RecordedEvent::try_from).collect()
}

/// Nothing of a replay waits for later states of its object, and whether it is behind another is looked at when it is
/// due.
async fn claim(tx: &mut HouseTx, (tenant, replay): (TenantId, &Replay), deliveries: &[Uuid]) -> Result<()> {
    let now = tx.now();
    sql("UPDATE deliveries d SET replay_id = $2, wait_until = NULL, behind = false, next_attempt_at = $4
         FROM unnest($3) AS k(id) WHERE d.tenant_id = $1 AND d.id = k.id")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(replay.id.uuid())
    .bind::<Array<SqlUuid>, _>(deliveries)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}
