//! Writing events, in the transaction of the change.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use stoa_protocols::event::{Envelope, EventData, EventType, InstitutionFacts, ObjectKind, ObjectRef};
use uuid::Uuid;

use super::object_text;
use crate::{
    db::{failed, sql},
    error::{Error, Result},
    id::{Event, Id, TenantId},
};

/// A fact about to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Name in the catalogue.
    pub event_type: EventType,
    /// Kind of the object that it is about.
    pub object_kind: ObjectKind,
    /// The object; order is kept for one object.
    pub object_id: Uuid,
    /// Revision of the object after the change.
    pub revision: i32,
    /// Course, lesson and item that a subscription may be limited to.
    pub scope_ids: Vec<Uuid>,
    /// What happened.
    pub data: Arc<EventData>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The object was completed, passed or failed by it for the first time: no receiver is kept waiting for that.
    pub concludes: bool,
}

/// An event as it stands in the ledger.
#[derive(Debug, Clone)]
pub struct RecordedEvent {
    /// Whose it is.
    pub tenant: TenantId,
    /// The same over every retry and dialect.
    pub id: Id<Event>,
    /// The fact.
    pub fact: NewEvent,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// Request that caused it.
    pub request_id: Option<Arc<str>>,
}

impl RecordedEvent {
    /// A fact of an institution, about to be written.
    pub const fn new(
        tenant: TenantId,
        id: Id<Event>,
        fact: NewEvent,
        created_at: DateTime<Utc>,
        request_id: Option<Arc<str>>,
    ) -> Self {
        Self { tenant, id, fact, created_at, request_id }
    }

    /// The event as dialects are given it.
    pub fn envelope(&self, institution_number: i64) -> Envelope {
        let fact = &self.fact;
        Envelope {
            id: self.id.to_string(),
            event_type: fact.event_type,
            occurred_at: fact.occurred_at,
            institution: InstitutionFacts { id: self.tenant.to_string(), number: institution_number },
            object: ObjectRef {
                kind: fact.object_kind,
                id: object_text(fact.object_kind, fact.object_id),
                revision: fact.revision,
            },
            data: Arc::clone(&fact.data),
            test: false,
        }
    }
}

const WRITE: &str = "WITH recorded AS (
  INSERT INTO events (tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at, created_at, position)
  SELECT tenant_id, id, type, object_kind, object_id, revision, scope_ids::uuid[], data, request_id, occurred_at, $11,
    (SELECT stoa_position())
  FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    AS e(tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, request_id, occurred_at)
)
INSERT INTO outbox (tenant_id, event_id, object_id, concludes, relay_after)
SELECT tenant_id, event_id, object_id, concludes, $12 FROM unnest($1, $2, $5, $13) AS o(tenant_id, event_id, object_id, concludes)";

/// Writes events and what the relay owes for them, in one statement.
///
/// # Errors
/// As the database says.
pub async fn write(
    connection: &mut AsyncPgConnection,
    events: &[RecordedEvent],
    relay_after: DateTime<Utc>,
) -> Result<()> {
    let Some(first) = events.first() else { return Ok(()) };
    let data = events
        .iter()
        .map(|event| serde_json::to_value(&*event.fact.data).map_err(Error::internal))
        .collect::<Result<Vec<_>>>()?;
    sql(WRITE)
        .bind::<Array<SqlUuid>, _>(column(events, |event| event.tenant.uuid()))
        .bind::<Array<SqlUuid>, _>(column(events, |event| event.id.uuid()))
        .bind::<Array<Text>, _>(column(events, |event| event.fact.event_type.as_str()))
        .bind::<Array<Text>, _>(column(events, |event| event.fact.object_kind.as_str()))
        .bind::<Array<SqlUuid>, _>(column(events, |event| event.fact.object_id))
        .bind::<Array<Integer>, _>(column(events, |event| event.fact.revision))
        // UNNEST flattens an array of arrays, so each inner one travels as PostgreSQL's text form.
        .bind::<Array<Text>, _>(column(events, |event| uuid_array(&event.fact.scope_ids)))
        .bind::<Array<Jsonb>, _>(data)
        .bind::<Array<Nullable<Text>>, _>(column(events, |event| event.request_id.as_deref().map(ToOwned::to_owned)))
        .bind::<Array<Timestamptz>, _>(column(events, |event| event.fact.occurred_at))
        .bind::<Timestamptz, _>(first.created_at)
        .bind::<Timestamptz, _>(relay_after)
        .bind::<Array<Bool>, _>(column(events, |event| event.fact.concludes))
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Tells the relays of other processes, when the transaction commits, that the outbox is not empty.
///
/// # Errors
/// As the database says.
pub async fn ring(connection: &mut AsyncPgConnection) -> Result<()> {
    sql("SELECT pg_notify('stoa_outbox', '')").execute(connection).await.map_err(failed)?;
    Ok(())
}

fn column<'a, T>(events: &'a [RecordedEvent], of: impl Fn(&'a RecordedEvent) -> T) -> Vec<T> {
    events.iter().map(of).collect()
}

/// `{a,b}`, PostgreSQL's text form of an array of uuids.
pub fn uuid_array(ids: &[Uuid]) -> String {
    format!("{{{}}}", ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(","))
}
