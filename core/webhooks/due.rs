//! Deliveries loaded for another try, with everything that the sender needs.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    outgoing::{Outgoing, Receiver},
    rows::{ReceiverRow, word},
};
use crate::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    sealed::Sealer,
};

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(embed)]
    receiver: ReceiverRow,
    #[diesel(sql_type = SqlUuid)]
    delivery_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    event_id: Uuid,
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = Bool)]
    opens: bool,
    #[diesel(sql_type = Text)]
    delivery_url: String,
    #[diesel(sql_type = Binary)]
    body: Vec<u8>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    attempts_before: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    first_attempt_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = Bool)]
    held: bool,
}

const DUE: &str = "SELECT w.tenant_id, i.number AS institution_number, w.id, w.url, w.urls, w.events, w.scope_ids, w.dialect, w.api_version,
  w.secret, w.retry_policy, w.status, w.failing_since,
  d.id AS delivery_id, d.event_id, d.event_type, d.object_id, d.opens, d.url AS delivery_url, p.body, d.attempts, d.attempts_before,
  d.first_attempt_at, d.request_id,
  NOT d.opens AND (EXISTS (SELECT FROM deliveries o WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.webhook_id = d.webhook_id
      AND o.object_id = d.object_id AND o.opens AND o.status = 'pending' AND o.attempts = 0 AND o.id <> ALL ($2))
    OR EXISTS (SELECT FROM outbox o JOIN events e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
      WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.object_id = d.object_id AND o.event_id <> d.event_id AND e.revision = 1)) AS held
FROM unnest($1, $2) AS k(tenant_id, id)
JOIN deliveries d ON d.tenant_id = k.tenant_id AND d.id = k.id AND d.status IN ('pending', 'retrying') AND NOT d.test
JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id AND w.deleted_at IS NULL AND w.status = 'enabled'
JOIN institutions i ON i.tenant_id = w.tenant_id
JOIN payloads p ON p.tenant_id = d.tenant_id AND p.event_id = d.event_id AND p.rendering = d.rendering
ORDER BY d.opens DESC, d.created_at, d.id";

/// Loads what is still owed of these deliveries, and which of them must wait for the first announcement of
/// their object. What was received, cancelled, or belongs to a receiver that is not enabled is left out.
///
/// # Errors
/// As the database says.
pub async fn due(
    tx: &mut HouseTx,
    sealer: &Sealer,
    deliveries: &[(TenantId, Id<id::Delivery>)],
) -> Result<(Vec<Outgoing>, Vec<(TenantId, Id<id::Delivery>)>)> {
    let rows: Vec<DueRow> = sql(DUE)
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(_, id)| id.uuid()).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut receivers: HashMap<Uuid, Arc<Receiver>> = HashMap::new();
    let (mut outgoing, mut held) = (Vec::new(), Vec::new());
    for row in rows {
        if row.held {
            held.push((TenantId::from_uuid(row.receiver.tenant_id), Id::from_uuid(row.delivery_id)));
            continue;
        }
        let receiver = if let Some(receiver) = receivers.get(&row.receiver.id) {
            Arc::clone(receiver)
        } else {
            let receiver = Arc::new(Receiver::open(&row.receiver, sealer)?);
            receivers.insert(row.receiver.id, Arc::clone(&receiver));
            receiver
        };
        outgoing.push(outgoing_of(row, receiver)?);
    }
    Ok((outgoing, held))
}

fn outgoing_of(row: DueRow, receiver: Arc<Receiver>) -> Result<Outgoing> {
    Ok(Outgoing {
        receiver,
        delivery: Id::from_uuid(row.delivery_id),
        event: Id::from_uuid(row.event_id),
        event_type: word("event type", &row.event_type)?,
        object: row.object_id,
        opens: row.opens,
        held: false,
        url: row.delivery_url.into(),
        body: row.body.into(),
        attempts: row.attempts,
        attempts_before: row.attempts_before,
        first_attempt_at: row.first_attempt_at,
        test: false,
        request_id: row.request_id.map(Into::into),
    })
}

/// Deliveries of a webhook that are owed, oldest first, after a given one: what a resumed receiver is sent.
///
/// # Errors
/// As the database says.
pub async fn pending_of(
    tx: &mut HouseTx,
    tenant: TenantId,
    webhook: Id<id::Webhook>,
    (after, limit): (Option<Id<id::Delivery>>, i64),
) -> Result<Vec<Id<id::Delivery>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Row> = sql("SELECT id FROM deliveries WHERE tenant_id = $1 AND webhook_id = $2 AND id > $3
           AND status IN ('pending', 'retrying') AND NOT test ORDER BY id LIMIT $4")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), Id::uuid))
    .bind::<BigInt, _>(limit)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
}
