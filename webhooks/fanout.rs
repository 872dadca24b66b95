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
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    Promised, WebhookStatus, coalesce,
    matching::{Concern, Endpoint, Endpoints, endpoints},
    order::{self, Strand},
    outgoing::{Outgoing, Receiver, Turn, render},
    skips,
};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    events::{EventRow, RecordedEvent, background_lane},
    id::{self, Id},
    sealed::Sealer,
};

/// What a batch of events came to.
#[derive(Debug, Default)]
pub struct FanOut {
    /// Events that this transaction took out of the outbox.
    pub events: Vec<RecordedEvent>,
    /// Deliveries to be attempted.
    pub outgoing: Vec<Outgoing>,
    /// Deliveries that wait for their window, and those of ordered receivers whose turn has come.
    pub later: Vec<Promised>,
}

/// A delivery before it is written.
pub(super) struct Owed<'a> {
    event: &'a RecordedEvent,
    rendering: Arc<str>,
    pub(super) outgoing: Outgoing,
    paused: bool,
    wait_until: Option<DateTime<Utc>>,
    /// One of those of which the last is told.
    coalesced: bool,
}

impl Owed<'_> {
    /// Found by its object: those that are looked for when another of the object is about to go.
    fn is_keyed(&self) -> bool {
        self.outgoing.opens || self.coalesced || self.outgoing.receiver.ordered
    }
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
    let endpoints = endpoints(tx, tenants.into_iter().collect(), sealer).await?;
    let mut bodies = Bodies::new();
    let (mut owed, mut skips) = (Vec::new(), Vec::new());
    for event in &events {
        for endpoint in endpoints.get(&event.tenant).map_or(&[][..], Vec::as_slice) {
            match endpoint.concern(event) {
                Concern::Owed(receiver) => match owe(tx, event, (endpoint, receiver, base_url), &mut bodies) {
                    Ok(one) => owed.push(one),
                    // A payload that a dialect cannot say is our bug; it must not stop everybody's events.
                    Err(error) => {
                        tracing::error!(event.id = %event.id, webhook.id = %receiver.webhook, %error, "an event cannot be rendered");
                    }
                },
                Concern::Skipped(reason) => skips.push((event, endpoint.webhook(), reason)),
                Concern::Nothing => {}
            }
        }
    }
    let strands = strands(&events, &endpoints);
    order::lock(tx, strands.iter().map(|strand| strand.webhook)).await?;
    let held = held(tx, &owed).await?;
    write(tx, &owed, &bodies).await?;
    skips::write(tx, &skips).await?;
    let freed = order::free(tx, &strands).await?;
    let (outgoing, later) = sort(owed, &held, freed);
    Ok(FanOut { events, outgoing, later })
}

/// What the events of a batch may let go at ordered receivers, wanted there or not: they are out of the outbox now.
fn strands(events: &[RecordedEvent], endpoints: &Endpoints) -> Vec<Strand> {
    let mut strands = HashSet::new();
    for event in events {
        let all = endpoints.get(&event.tenant).into_iter().flatten();
        strands.extend(all.filter(|endpoint| endpoint.row.ordered).map(|endpoint| Strand {
            tenant: event.tenant.uuid(),
            webhook: endpoint.webhook().uuid(),
            object: event.fact.object_id,
        }));
    }
    strands.into_iter().collect()
}

/// Tells what goes at once from what is promised. At an ordered receiver only what was freed goes.
fn sort(owed: Vec<Owed<'_>>, held: &HashSet<usize>, freed: Vec<Promised>) -> (Vec<Outgoing>, Vec<Promised>) {
    let mut freed: HashMap<Id<id::Delivery>, Promised> = freed.into_iter().map(|one| (one.delivery, one)).collect();
    let (mut outgoing, mut later) = (Vec::new(), Vec::new());
    for (place, one) in owed.into_iter().enumerate().filter(|(_, one)| !one.paused) {
        let (tenant, delivery) = (one.event.tenant, one.outgoing.delivery);
        let of_window = one.wait_until.map(|at| Promised { tenant, delivery, at });
        if one.outgoing.receiver.ordered {
            // What waits for its window is looked at again when that has come, freed or not.
            if let Some(promised) = freed.remove(&delivery) {
                match of_window {
                    Some(_) => later.push(promised),
                    None => outgoing.push(Outgoing { held: held.contains(&place), ..one.outgoing }),
                }
            }
        } else if let Some(promised) = of_window {
            later.push(promised);
        } else {
            outgoing.push(Outgoing { held: held.contains(&place), ..one.outgoing });
        }
    }
    later.extend(freed.into_values());
    (outgoing, later)
}

macro_rules! waiting {
    ($which:literal) => {
        concat!(
            "SELECT e.tenant_id, e.id, e.type, e.object_kind, e.object_id, e.revision, e.scope_ids, e.data, e.request_id,
               e.occurred_at, e.created_at, o.concludes
             FROM (SELECT tenant_id, event_id, concludes FROM outbox WHERE ",
            $which,
            " ORDER BY relay_after, event_id LIMIT $2 FOR UPDATE SKIP LOCKED) o
             JOIN events e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
             ORDER BY e.id"
        )
    };
}

/// Takes events that no node relayed in time.
///
/// # Errors
/// As the database says.
pub async fn overdue(tx: &mut HouseTx, limit: i64) -> Result<Vec<RecordedEvent>> {
    let now = tx.now();
    waiting(tx, waiting!("relay_after <= $1"), (now, limit)).await
}

/// Takes events that wait in the background, behind all others.
///
/// # Errors
/// As the database says.
pub async fn in_background(tx: &mut HouseTx, limit: i64) -> Result<Vec<RecordedEvent>> {
    waiting(tx, waiting!("relay_after >= $1"), (background_lane(), limit)).await
}

async fn waiting(
    tx: &mut HouseTx,
    text: &'static str,
    (at, limit): (DateTime<Utc>, i64),
) -> Result<Vec<RecordedEvent>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(embed)]
        event: EventRow,
        #[diesel(sql_type = Bool)]
        concludes: bool,
    }
    let rows: Vec<Row> =
        sql(text).bind::<Timestamptz, _>(at).bind::<BigInt, _>(limit).load(tx.connection()).await.map_err(failed)?;
    let event = |row: Row| {
        let mut event = RecordedEvent::try_from(row.event)?;
        event.fact.concludes = row.concludes;
        Ok(event)
    };
    rows.into_iter().map(event).collect()
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

/// Makes a delivery of an event, with its body, rendered once for all who want the same.
pub(super) fn owe<'a>(
    tx: &HouseTx,
    event: &'a RecordedEvent,
    (endpoint, receiver, base_url): (&Endpoint, &Arc<Receiver>, &str),
    bodies: &mut Bodies,
) -> Result<Owed<'a>> {
    let dialect = receiver.dialect.dialect();
    let row = &endpoint.row;
    let api_version = row.api_version.as_deref();
    let rendering: Arc<str> = dialect.rendering(&receiver.webhook.to_string(), api_version).into();
    let key = (event.id, Arc::clone(&rendering));
    let body = if let Some(body) = bodies.get(&key) {
        body.clone()
    } else {
        let envelope = event.envelope(row.institution_number);
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
        url: row.url.as_str().into(),
        body,
        attempts: 0,
        attempts_before: 0,
        first_attempt_at: None,
        test: false,
        turn: Turn::Fresh,
        request_id: event.request_id.clone(),
    };
    Ok(Owed {
        event,
        rendering,
        outgoing,
        paused: endpoint.status == WebhookStatus::Paused,
        wait_until: coalesce::waits_until(receiver, event),
        coalesced: coalesce::applies(receiver, event),
    })
}

/// How long a first announcement that was not attempted holds up what follows it. Older ones are not looked for:
/// so a look-up by object opens the last partitions of the log only.
const UNATTEMPTED_FOR: TimeDelta = TimeDelta::days(7);

/// From when a first announcement is looked for.
pub(super) fn unattempted_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - UNATTEMPTED_FOR
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
    let now = tx.now();
    let rows: Vec<Held> = sql("SELECT k.place FROM unnest($1, $2, $3, $4, $5) AS k(place, tenant_id, webhook_id, object_id, event_id)
         WHERE EXISTS (SELECT FROM deliveries d WHERE d.tenant_id IS NOT DISTINCT FROM k.tenant_id AND d.webhook_id = k.webhook_id
                       AND d.object_id = k.object_id AND d.keyed AND d.opens AND d.status = 'pending' AND d.attempts = 0
                       AND d.id >= stoa_uuid_floor($6))
            OR EXISTS (SELECT FROM outbox o JOIN events e ON e.tenant_id = o.tenant_id AND e.id = o.event_id
                       WHERE o.tenant_id IS NOT DISTINCT FROM k.tenant_id AND o.object_id = k.object_id AND o.event_id <> k.event_id AND e.revision = 1)")
    .bind::<Array<BigInt>, _>(later.iter().map(|(place, _)| i64::try_from(*place).unwrap_or(i64::MAX)).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.outgoing.receiver.tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.outgoing.receiver.webhook.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.outgoing.object).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(later.iter().map(|(_, one)| one.event.id.uuid()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(unattempted_since(now))
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().filter_map(|row| usize::try_from(row.place).ok()).collect())
}

/// Bodies of events by how they are rendered.
pub(super) type Bodies = HashMap<(Id<id::Event>, Arc<str>), Bytes>;

/// Writes deliveries and the bodies that they send.
pub(super) async fn write(tx: &mut HouseTx, owed: &[Owed<'_>], bodies: &Bodies) -> Result<()> {
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
           created_at, next_attempt_at, revision, wait_until, keyed, behind)
         SELECT tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, request_id, 'pending', $11,
           CASE WHEN NOT paused AND NOT behind THEN greatest($11, wait_until) END, revision, wait_until, keyed, behind
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $13, $14, $15, $16) AS d(tenant_id, id, webhook_id, event_id,
           event_type, object_id, rendering, url, opens, request_id, paused, revision, wait_until, keyed, behind)")
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
    .bind::<Array<Integer>, _>(column(owed, |one| one.event.fact.revision))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(owed, |one| one.wait_until))
    .bind::<Array<Bool>, _>(column(owed, Owed::is_keyed))
    // At an ordered receiver everything is behind, until it is looked who is the first.
    .bind::<Array<Bool>, _>(column(owed, |one| one.outgoing.receiver.ordered))
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
