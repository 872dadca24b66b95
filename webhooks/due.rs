//! Deliveries loaded for another try, with everything that the sender needs.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    DeliveryStatus, Promised, coalesce,
    fanout::unattempted_since,
    order::{self, Strand},
    outgoing::{Outgoing, Receiver, Turn},
    rerender::{Lost, render_again},
    rows::{ReceiverRow, receiver_columns, word},
};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    sealed::Sealer,
};

#[expect(clippy::struct_excessive_bools, reason = "each is asked by its name, once")]
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
    /// What the payload is called.
    #[diesel(sql_type = Text)]
    rendering: String,
    /// None where bodies of its time are not kept any more.
    #[diesel(sql_type = Nullable<Binary>)]
    body: Option<Vec<u8>>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    attempts_before: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    first_attempt_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = Bool)]
    replayed: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    wait_until: Option<DateTime<Utc>>,
    /// When the first announcement of the object is due, which was not attempted yet.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    opener_at: Option<DateTime<Utc>>,
    /// The first announcement of the object was not relayed yet.
    #[diesel(sql_type = Bool)]
    unopened: bool,
    /// A later state of the object is due too.
    #[diesel(sql_type = Bool)]
    replaced: bool,
    /// The receiver is ordered, and an earlier delivery of the object has not ended.
    #[diesel(sql_type = Bool)]
    blocked: bool,
}

/// What became of deliveries whose time had come.
#[derive(Debug, Default)]
pub struct Due {
    /// To be attempted.
    pub outgoing: Vec<Outgoing>,
    /// Not yet: their window has not ended, or the first announcement of their object was not attempted.
    pub later: Vec<(Id<id::Webhook>, Promised)>,
    /// Others, of ordered receivers, whose turn has come by what was found here.
    pub freed: Vec<Promised>,
}

/// When a delivery behind an unattempted first announcement looks again.
const HELD_AGAIN: TimeDelta = TimeDelta::milliseconds(250);

impl DueRow {
    fn tenant(&self) -> TenantId {
        TenantId::from_uuid(self.receiver.tenant_id)
    }

    /// Until when it is not to be attempted, if it is not.
    fn waits_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let window = self.wait_until.filter(|until| *until > now);
        let opener = self.opener_at.or(self.unopened.then_some(now)).map(|at| at + HELD_AGAIN);
        window.max(opener)
    }

    const fn strand(&self) -> Strand {
        let Self { receiver, object_id, .. } = self;
        Strand { tenant: receiver.tenant_id, webhook: receiver.id, object: *object_id }
    }
}

/// Each row is looked up by its key, in this order (OFFSET 0 keeps PostgreSQL to it): before the tables are counted, it
/// would rather walk through all that an institution has, in every partition.
const DUE: &str = concat!(
    "SELECT ",
    receiver_columns!(),
    ",
  d.id AS delivery_id, d.event_id, d.event_type, d.object_id, d.opens, d.url AS delivery_url, d.rendering, p.body, d.attempts, d.attempts_before,
  d.first_attempt_at, d.request_id,
  d.replay_id IS NOT NULL AS replayed, d.wait_until,
  CASE WHEN NOT d.opens THEN (SELECT max(greatest(o.next_attempt_at, $4)) FROM deliveries o WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.webhook_id = d.webhook_id
      AND o.object_id = d.object_id AND o.keyed AND o.opens AND o.status = 'pending' AND o.attempts = 0 AND o.id <> ALL ($2)
      AND o.id >= stoa_uuid_floor($3)) END AS opener_at,
  NOT d.opens AND EXISTS (SELECT FROM outbox o JOIN events e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
      WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.object_id = d.object_id AND o.event_id <> d.event_id AND e.revision = 1) AS unopened,
  d.wait_until IS NOT NULL AND d.replay_id IS NULL AND EXISTS (SELECT FROM deliveries o WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id
      AND o.webhook_id = d.webhook_id AND o.object_id = d.object_id AND o.keyed AND o.event_type = d.event_type AND o.revision > d.revision
      AND (o.wait_until IS NULL OR o.wait_until <= $4) AND o.status <> 'cancelled' AND o.id >= stoa_uuid_floor($3)) AS replaced,
  w.ordered AND EXISTS (SELECT FROM deliveries o WHERE o.tenant_id IS NOT DISTINCT FROM d.tenant_id AND o.webhook_id = d.webhook_id
      AND o.object_id = d.object_id AND o.keyed AND o.status IN ('pending', 'retrying') AND NOT o.test
      AND (o.revision, o.event_id) < (d.revision, d.event_id)) AS blocked
FROM unnest($1, $2) AS k(tenant_id, id)
CROSS JOIN LATERAL (SELECT * FROM deliveries x WHERE x.tenant_id = k.tenant_id AND x.id = k.id OFFSET 0) d
CROSS JOIN LATERAL (SELECT * FROM webhooks x WHERE x.tenant_id = d.tenant_id AND x.id = d.webhook_id OFFSET 0) w
JOIN institutions i ON i.tenant_id = w.tenant_id
LEFT JOIN LATERAL (SELECT * FROM payloads x WHERE x.tenant_id = d.tenant_id AND x.event_id = d.event_id AND x.rendering = d.rendering OFFSET 0) p ON true
WHERE d.status IN ('pending', 'retrying') AND NOT d.test AND NOT d.behind AND w.deleted_at IS NULL AND w.status = 'enabled'
  AND i.status NOT IN ('suspended', 'closed')
ORDER BY d.opens DESC, d.created_at, d.id"
);

/// Loads what is still owed of these deliveries. What was received, cancelled, or belongs to a receiver that is not
/// enabled, or to an institution that is suspended, is left out. What a later state has replaced is ended here, and what must stay behind another is put there;
/// whoever calls promises in the same transaction what goes later and what was freed. A body that is not kept any more
/// is rendered again; a delivery whose event is gone too is cancelled.
///
/// # Errors
/// As the database says.
pub async fn due(
    tx: &mut HouseTx,
    (sealer, base_url): (&Sealer, &str),
    deliveries: &[(TenantId, Id<id::Delivery>)],
) -> Result<Due> {
    let now = tx.now();
    let mut rows: Vec<DueRow> = sql(DUE)
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(_, id)| id.uuid()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(unattempted_since(now))
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    find_bodies(tx, base_url, &mut rows).await?;
    let mut receivers: HashMap<Uuid, Arc<Receiver>> = HashMap::new();
    let (mut due, mut replaced, mut blocked, mut gone) = (Due::default(), Vec::new(), Vec::new(), Vec::new());
    for mut row in rows {
        let (tenant, delivery) = (row.tenant(), Id::from_uuid(row.delivery_id));
        if row.replaced {
            replaced.push((tenant, delivery));
        } else if row.blocked {
            blocked.push((tenant, delivery, row.strand()));
        } else if let Some(at) = row.waits_until(now) {
            due.later.push((Id::from_uuid(row.receiver.id), Promised { tenant, delivery, at }));
        } else if let Some(body) = row.body.take() {
            let receiver = if let Some(receiver) = receivers.get(&row.receiver.id) {
                Arc::clone(receiver)
            } else {
                let receiver = Arc::new(Receiver::open(&row.receiver, sealer)?);
                receivers.insert(row.receiver.id, Arc::clone(&receiver));
                receiver
            };
            due.outgoing.push(outgoing_of(row, receiver, body)?);
        } else {
            tracing::error!(delivery.id = %delivery, "a delivery is owed of an event that is not kept any more; it is cancelled");
            gone.push((tenant, delivery));
        }
    }
    due.freed = coalesce::skip(tx, &replaced).await?;
    due.freed.extend(order::end(tx, &gone, (DeliveryStatus::Cancelled, "event_gone")).await?);
    due.freed.extend(order::put_behind(tx, &blocked).await?);
    Ok(due)
}

async fn find_bodies(tx: &mut HouseTx, base_url: &str, rows: &mut [DueRow]) -> Result<()> {
    let lost = rows.iter().enumerate().filter(|(_, row)| row.body.is_none()).map(|(place, row)| {
        let webhook = Id::from_uuid(row.receiver.id);
        (place, Lost { tenant: row.receiver.tenant_id, event: row.event_id, webhook, rendering: &row.rendering })
    });
    let lost: Vec<_> = lost.collect();
    let mut bodies = render_again(tx, base_url, &lost).await?;
    for (place, row) in rows.iter_mut().enumerate() {
        row.body = row.body.take().or_else(|| bodies.remove(&place));
    }
    Ok(())
}

fn outgoing_of(row: DueRow, receiver: Arc<Receiver>, body: Vec<u8>) -> Result<Outgoing> {
    Ok(Outgoing {
        receiver,
        delivery: Id::from_uuid(row.delivery_id),
        event: Id::from_uuid(row.event_id),
        event_type: word("event type", &row.event_type)?,
        object: row.object_id,
        opens: row.opens,
        held: false,
        url: row.delivery_url.into(),
        body: body.into(),
        attempts: row.attempts,
        attempts_before: row.attempts_before,
        first_attempt_at: row.first_attempt_at,
        test: false,
        turn: if row.replayed { Turn::Replayed } else { Turn::Fresh },
        request_id: row.request_id.map(Into::into),
    })
}

/// Deliveries of a webhook that are owed and not promised for later, oldest first, after a given one: what a resumed
/// receiver is sent. Those that wait behind others are let go by these. What was made with a time of its own after the
/// resuming, whose id tells when that was, is in hand already.
///
/// # Errors
/// As the database says.
pub async fn pending_of(
    tx: &mut HouseTx,
    (tenant, webhook): (TenantId, Id<id::Webhook>),
    (after, before): (Option<Id<id::Delivery>>, Uuid),
    limit: i64,
) -> Result<Vec<Id<id::Delivery>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let now = tx.now();
    let rows: Vec<Row> = sql("SELECT id FROM deliveries WHERE tenant_id = $1 AND webhook_id = $2 AND id > $3
           AND status IN ('pending', 'retrying') AND NOT test AND NOT behind AND (next_attempt_at IS NULL OR next_attempt_at <= $5 AND id < $6)
         ORDER BY id LIMIT $4")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), Id::uuid))
    .bind::<BigInt, _>(limit)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(before)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.id)).collect())
}
