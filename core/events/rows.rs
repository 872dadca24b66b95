//! The row of an event, and nothing else.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::EventData;
use uuid::Uuid;

use super::record::{NewEvent, RecordedEvent};
use crate::{
    error::{Error, Result},
    id::{Id, TenantId},
};

/// An event as a query answers it.
#[derive(QueryableByName)]
pub struct EventRow {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    /// Its id.
    pub id: Uuid,
    #[diesel(sql_type = Text, column_name = "type")]
    event_type: String,
    #[diesel(sql_type = Text)]
    object_kind: String,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = Integer)]
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
        let data: EventData = serde_json::from_value(row.data).map_err(Error::internal)?;
        let kind = serde_json::from_value(serde_json::Value::String(row.object_kind)).map_err(Error::internal)?;
        let event_type = row
            .event_type
            .parse()
            .map_err(|()| Error::internal(anyhow::anyhow!("unknown event type in a row: {}", row.event_type)))?;
        let fact = NewEvent {
            event_type,
            object_kind: kind,
            object_id: row.object_id,
            revision: row.revision,
            scope_ids: row.scope_ids,
            data: Arc::new(data),
            occurred_at: row.occurred_at,
            // Known as long as the event is in the outbox.
            concludes: false,
        };
        let tenant = TenantId::from_uuid(row.tenant_id);
        Ok(Self::new(tenant, Id::from_uuid(row.id), fact, row.created_at, row.request_id.map(Into::into)))
    }
}
