//! From events to deliveries: who is owed what, written in the transaction that clears the outbox.
//!
//! # Rule
//! The first announcement of an object is attempted before any other of the same object. A delivery whose
//! object has an unattempted first announcement, in the log or still in the outbox, is *held*: a node that has
//! that announcement in hand sends it behind; any other leaves it to the queue for a moment.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{self, InstitutionFacts, ObjectRef};
use uuid::Uuid;

use super::{
    WebhookStatus,
    outgoing::{Outgoing, Receiver, address_for, render},
    rows::ReceiverRow,
};
use crate::{
    db::{HouseTx, failed, sql},
    error::{Error, Result},
    events::{RecordedEvent, object_text},
    id::{self, Id, TenantId},
    sealed::Sealer,
};

/// What a batch of events came to.
#[derive(Debug, Default)]
pub struct FanOut {
    /// Events that this transaction took out of the outbox.
    pub events: Vec<RecordedEvent>,
    /// Deliveries to be attempted.
    pub outgoing: Vec<Outgoing>,
}

/// A delivery before it is written.
struct Owed<'a> {
    event: &'a RecordedEvent,
    rendering: Arc<str>,
    outgoing: Outgoing,
    paused: bool,
}

/// Takes events out of the outbox and writes what is owed for them. An event that another node took is left out.
///
/// # Errors
/// As the database says; then nothing was taken.
pub async fn fan_out(
    tx: &mut HouseTx,
    (sealer, base_url): (&Sealer, &str),
    events: Vec<RecordedEvent>,
) -> Result<FanOut> {
    let mut events = take(tx, events).await?;
    // What opens an object goes first in its batch too: ids of two nodes do not tell which of their events came first.
    events.sort_by_key(|event| !event.fact.event_type.opens());
    let tenants: HashSet<Uuid> = events.iter().map(|event| event.tenant.uuid()).collect();
    let receivers = receivers(tx, tenants.into_iter().collect(), sealer).await?;
    let mut bodies: HashMap<(Id<id::Event>, Arc<str>), Bytes> = HashMap::new();
    let mut owed = Vec::new();
    for event in &events {
        for (row, receiver) in receivers.get(&event.tenant).map_or(&[][..], Vec::as_slice) {
            if wants(row, receiver, event) {
                match owe(tx, event, (row, receiver, base_url), &mut bodies) {
                    Ok(one) => owed.push(one),
                    // A payload that a dialect cannot say is our bug; it must not stop everybody's events.
                    Err(error) => {
                        tracing::error!(event.id = %event.id, webhook.id = %receiver.webhook, %error, "an event cannot be rendered");
                    }
                }
            }
        }
    }
    let held = held(tx, &owed).await?;
    write(tx, &owed, &bodies).await?;
    let outgoing = owed
        .into_iter()
        .enumerate()
        .filter(|(_, one)| !one.paused)
        .map(|(place, one)| Outgoing { held: held.contains(&place), ..one.outgoing });
    let outgoing = outgoing.collect();
    Ok(FanOut { events, outgoing })
}

/// Events that the node which recorded them did not relay in time, oldest first.
///
/// # Errors
/// As the database says.
pub async fn overdue(tx: &mut HouseTx, limit: i64) -> Result<Vec<RecordedEvent>> {
    let now = tx.now();
    let rows: Vec<EventRow> = sql(
        "SELECT e.tenant_id, e.id, e.type, e.object_kind, e.object_id, e.revision, e.scope_ids, e.data, e.request_id,
           e.occurred_at, e.created_at
         FROM (SELECT tenant_id, event_id FROM outbox WHERE relay_after <= $1
               ORDER BY relay_after, event_id LIMIT $2 FOR UPDATE SKIP LOCKED) o
         JOIN events e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
         ORDER BY e.id",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    rows.into_iter().map(RecordedEvent::try_from).collect()
}

async fn take(tx: &mut HouseTx, events: Vec<RecordedEvent>) -> Result<Vec<RecordedEvent>> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = SqlUuid)]
        event_id: Uuid,
    }
    // The outbox is empty whenever PostgreSQL counts it, so a plain join would walk through all of it, dead rows
    // included. OFFSET 0 makes it look each event up by its key; the rows found are then taken by their place.
    let taken: Vec<Taken> = sql("DELETE FROM outbox WHERE ctid = ANY (ARRAY(
           SELECT o.ctid FROM unnest($1, $2) AS e(tenant_id, event_id) CROSS JOIN LATERAL (
             SELECT x.ctid FROM outbox x WHERE x.tenant_id = e.tenant_id AND x.event_id = e.event_id OFFSET 0) o))
         RETURNING event_id")
    .bind::<Array<SqlUuid>, _>(events.iter().map(|event| event.tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(events.iter().map(|event| event.id.uuid()).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let taken: HashSet<Uuid> = taken.into_iter().map(|row| row.event_id).collect();
    Ok(events.into_iter().filter(|event| taken.contains(&event.id.uuid())).collect())
}

type Receivers = HashMap<TenantId, Vec<(ReceiverRow, Arc<Receiver>)>>;

async fn receivers(tx: &mut HouseTx, tenants: Vec<Uuid>, sealer: &Sealer) -> Result<Receivers> {
    let rows: Vec<ReceiverRow> = sql(
        "SELECT w.tenant_id, i.number AS institution_number, w.id, w.url, w.urls, w.events, w.scope_ids, w.dialect,
           w.api_version, w.secret, w.retry_policy, w.status, w.failing_since
         FROM unnest($1) AS t(id)
         JOIN webhooks w ON w.tenant_id = t.id AND w.deleted_at IS NULL AND w.status IN ('enabled', 'paused')
         JOIN institutions i ON i.tenant_id = w.tenant_id
         ORDER BY w.tenant_id, w.id",
    )
    .bind::<Array<SqlUuid>, _>(tenants)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let mut receivers = Receivers::new();
    for row in rows {
        let tenant = TenantId::from_uuid(row.tenant_id);
        match Receiver::open(&row, sealer) {
            Ok(receiver) => receivers.entry(tenant).or_default().push((row, Arc::new(receiver))),
            // One broken row must not stop everybody's events; the operator is told each time.
            Err(error) => {
                tracing::error!(tenant.id = %tenant, webhook.id = %row.id, %error, "a webhook cannot be read");
            }
        }
    }
    Ok(receivers)
}

fn wants(row: &ReceiverRow, receiver: &Receiver, event: &RecordedEvent) -> bool {
    let dialect = receiver.dialect.dialect();
    let event_type = event.fact.event_type;
    let subscribed = row.events.iter().any(|name| name == "*" || dialect.event_named(name) == Some(event_type));
    let in_scope = row.scope_ids.as_ref().is_none_or(|ids| ids.iter().any(|id| event.fact.scope_ids.contains(id)));
    subscribed && in_scope && dialect.speaks(event_type)
}

fn owe<'a>(
    tx: &HouseTx,
    event: &'a RecordedEvent,
    (row, receiver, base_url): (&ReceiverRow, &Arc<Receiver>, &str),
    bodies: &mut HashMap<(Id<id::Event>, Arc<str>), Bytes>,
) -> Result<Owed<'a>> {
    let dialect = receiver.dialect.dialect();
    let api_version = row.api_version.as_deref();
    let rendering: Arc<str> = dialect.rendering(&receiver.webhook.to_string(), api_version).into();
    let key = (event.id, Arc::clone(&rendering));
    let body = if let Some(body) = bodies.get(&key) {
        body.clone()
    } else {
        let envelope = envelope(event, row.institution_number);
        let body: Bytes = render(dialect, &envelope, (receiver.webhook, api_version, base_url))?.into();
        bodies.insert(key, body.clone());
        body
    };
    let outgoing = Outgoing {
        receiver: Arc::clone(receiver),
        delivery: tx.new_id(),
        event: event.id,
        event_type: event.fact.event_type,
        object: event.fact.object_id,
        opens: event.fact.event_type.opens(),
        held: false,
        url: address_for(row, event.fact.event_type).into(),
        body,
        attempts: 0,
        attempts_before: 0,
        first_attempt_at: None,
        test: false,
        request_id: event.request_id.clone(),
    };
    Ok(Owed { event, rendering, outgoing, paused: row.status()? == WebhookStatus::Paused })
}

fn envelope(event: &RecordedEvent, institution_number: i64) -> event::Envelope {
    let fact = &event.fact;
    event::Envelope {
        id: event.id.to_string(),
        event_type: fact.event_type,
        occurred_at: fact.occurred_at,
        institution: InstitutionFacts { id: event.tenant.to_string(), number: institution_number },
        object: ObjectRef {
            kind: fact.object_kind,
            id: object_text(fact.object_kind, fact.object_id),
            revision: fact.revision,
        },
        data: Arc::clone(&fact.data),
        test: false,
    }
}

/// Places of the deliveries whose object's first announcement was not attempted yet. Found by the object; the
/// tenant is compared in words that no index answers to, or PostgreSQL might walk through all that the tenant has.
async fn held(tx: &mut HouseTx, owed: &[Owed<'_>]) -> Result<HashSet<usize>> {
    #[derive(QueryableByName)]
    struct Held {
        #[diesel(sql_type = BigInt)]
        place: i64,
    }
    let later: Vec<(usize, &Owed<'_>)> = owed.iter().enumerate().filter(|(_, one)| !one.outgoing.opens).collect();
    if later.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Held> = sql("SELECT k.place FROM unnest($1, $2, $3, $4, $5) AS k(place, tenant_id, webhook_id, object_id, event_id)
         WHERE EXISTS (SELECT FROM deliveries d WHERE d.tenant_id IS NOT DISTINCT FROM k.tenant_id AND d.webhook_id = k.webhook_id
                       AND d.object_id = k.object_id AND d.opens AND d.status = 'pending' AND d.attempts = 0)
            OR EXISTS (SELECT FROM outbox o JOIN events e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
                       WHERE o.tenant_id IS NOT DISTINCT FROM k.tenant_id AND o.object_id = k.object_id AND o.event_id <> k.event_id AND e.revision = 1)")
    .bind::<Array<BigInt>, _>(later.iter().map(|(place, _)| i64::try_from(*place).unwrap_or(i64::MAX)).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.outgoing.receiver.tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.outgoing.receiver.webhook.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.outgoing.object).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.event.id.uuid()).collect::<Vec<_>>())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().filter_map(|row| usize::try_from(row.place).ok()).collect())
}

async fn write(tx: &mut HouseTx, owed: &[Owed<'_>], bodies: &HashMap<(Id<id::Event>, Arc<str>), Bytes>) -> Result<()> {
    if owed.is_empty() {
        return Ok(());
    }
    let tenant_of: HashMap<Id<id::Event>, Uuid> =
        owed.iter().map(|one| (one.event.id, one.event.tenant.uuid())).collect();
    let payloads: Vec<_> = bodies.iter().collect();
    sql("INSERT INTO payloads (tenant_id, event_id, rendering, body) SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind::<Array<Nullable<SqlUuid>>, _>(payloads.iter().map(|((event, _), _)| tenant_of.get(event)).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(payloads.iter().map(|((event, _), _)| event.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(payloads.iter().map(|((_, rendering), _)| &**rendering).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(payloads.iter().map(|(_, body)| &body[..]).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let now = tx.now();
    sql("INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, request_id, status,
           created_at, next_attempt_at)
         SELECT tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, request_id, 'pending', $11,
           CASE WHEN paused THEN NULL ELSE $11 END
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12)
           AS d(tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, request_id, paused)")
    .bind::<Array<SqlUuid>, _>(column(owed, |one| one.event.tenant.uuid()))
    .bind::<Array<SqlUuid>, _>(column(owed, |one| one.outgoing.delivery.uuid()))
    .bind::<Array<SqlUuid>, _>(column(owed, |one| one.outgoing.receiver.webhook.uuid()))
    .bind::<Array<SqlUuid>, _>(column(owed, |one| one.event.id.uuid()))
    .bind::<Array<Text>, _>(column(owed, |one| one.event.fact.event_type.as_str()))
    .bind::<Array<SqlUuid>, _>(column(owed, |one| one.outgoing.object))
    .bind::<Array<Text>, _>(column(owed, |one| &*one.rendering))
    .bind::<Array<Text>, _>(column(owed, |one| &*one.outgoing.url))
    .bind::<Array<Bool>, _>(column(owed, |one| one.outgoing.opens))
    .bind::<Array<Nullable<Text>>, _>(column(owed, |one| one.outgoing.request_id.as_deref()))
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Bool>, _>(column(owed, |one| one.paused))
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text, column_name = "type")]
    event_type: String,
    #[diesel(sql_type = Text)]
    object_kind: String,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    revision: i32,
    #[diesel(sql_type = Array<SqlUuid>)]
    scope_ids: Vec<Uuid>,
    #[diesel(sql_type = Jsonb)]
    data: serde_json::Value,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl TryFrom<EventRow> for RecordedEvent {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self> {
        let data: event::EventData = serde_json::from_value(row.data).map_err(Error::internal)?;
        let kind = serde_json::from_value(serde_json::Value::String(row.object_kind)).map_err(Error::internal)?;
        let fact = crate::events::NewEvent {
            event_type: super::rows::word("event type", &row.event_type)?,
            object_kind: kind,
            object_id: row.object_id,
            revision: row.revision,
            scope_ids: row.scope_ids,
            data: Arc::new(data),
            occurred_at: row.occurred_at,
        };
        let tenant = TenantId::from_uuid(row.tenant_id);
        Ok(Self::new(tenant, Id::from_uuid(row.id), fact, row.created_at, row.request_id.map(Into::into)))
    }
}
