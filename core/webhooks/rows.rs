//! The rows of webhooks, deliveries and attempts, and nothing else.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::webhook::{DialectName, RetryPolicy};
use uuid::Uuid;

use super::{Attempt, Delivery, DeliveryStatus, ScopeId, Webhook, WebhookStatus};
use crate::{
    error::{Error, Result},
    id::Id,
};

#[derive(QueryableByName)]
pub(crate) struct WebhookRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) url: String,
    #[diesel(sql_type = Jsonb)]
    pub(crate) urls: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub(crate) description: String,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) events: Vec<String>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    pub(crate) scope_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    pub(crate) scope_kinds: Option<Vec<String>>,
    #[diesel(sql_type = Text)]
    pub(crate) dialect: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) api_version: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) secret_hint: String,
    #[diesel(sql_type = Text)]
    pub(crate) retry_policy: String,
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) status_reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) failing_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) updated_at: DateTime<Utc>,
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = Error;

    fn try_from(row: WebhookRow) -> Result<Self> {
        let scope = row
            .scope_ids
            .zip(row.scope_kinds)
            .map(|(ids, kinds)| ids.into_iter().zip(kinds).filter_map(|(id, kind)| scope_id(&kind, id)).collect());
        Ok(Self {
            id: Id::from_uuid(row.id),
            url: row.url,
            urls: serde_json::from_value::<BTreeMap<String, String>>(row.urls).unwrap_or_default(),
            description: row.description,
            events: row.events,
            scope,
            dialect: word("dialect", &row.dialect)?,
            api_version: row.api_version,
            secret_hint: Some(row.secret_hint).filter(|hint| !hint.is_empty()),
            retry_policy: word("retry policy", &row.retry_policy)?,
            status: word("webhook status", &row.status)?,
            status_reason: row.status_reason,
            failing_since: row.failing_since,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn scope_id(kind: &str, id: Uuid) -> Option<ScopeId> {
    match kind {
        "course" => Some(ScopeId::Course(Id::from_uuid(id))),
        "lesson" => Some(ScopeId::Lesson(Id::from_uuid(id))),
        "item" => Some(ScopeId::Item(Id::from_uuid(id))),
        _ => None,
    }
}

/// Reads a closed word of a row.
pub(crate) fn word<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::internal(anyhow::anyhow!("unknown {what} in a row: {text}")))
}

#[derive(QueryableByName)]
pub(crate) struct DeliveryRow {
    #[diesel(sql_type = BigInt)]
    pub(crate) total: i64,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) webhook_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) event_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) event_type: String,
    #[diesel(sql_type = Text)]
    pub(crate) url: String,
    #[diesel(sql_type = Bool)]
    pub(crate) test: bool,
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    #[diesel(sql_type = Integer)]
    pub(crate) attempts: i32,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) finished_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) request_id: Option<String>,
}

impl DeliveryRow {
    pub(crate) fn with(self, attempts: Vec<Attempt>, body: Option<String>) -> Result<Delivery> {
        let status: DeliveryStatus = word("delivery status", &self.status)?;
        Ok(Delivery {
            id: Id::from_uuid(self.id),
            webhook_id: Id::from_uuid(self.webhook_id),
            event_id: Id::from_uuid(self.event_id),
            event_type: self.event_type,
            url: self.url,
            test: self.test,
            status,
            attempt_count: self.attempts,
            attempts,
            created_at: self.created_at,
            next_attempt_at: self.next_attempt_at,
            finished_at: self.finished_at,
            request_id: self.request_id,
            body,
        })
    }
}

#[derive(QueryableByName)]
pub(crate) struct AttemptRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) delivery_id: Uuid,
    #[diesel(sql_type = Integer)]
    attempt: i32,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    duration_ms: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    http_status: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    response: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            attempt: row.attempt,
            started_at: row.started_at,
            duration_ms: row.duration_ms,
            http_status: row.http_status,
            error: row.error,
            response: row.response,
            address: row.address,
        }
    }
}

/// A receiver as the relay and the sender see it.
#[derive(QueryableByName)]
pub(crate) struct ReceiverRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) tenant_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(crate) institution_number: i64,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) url: String,
    #[diesel(sql_type = Jsonb)]
    pub(crate) urls: serde_json::Value,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) events: Vec<String>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    pub(crate) scope_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Text)]
    pub(crate) dialect: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) api_version: Option<String>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Binary>)]
    pub(crate) secret: Option<Vec<u8>>,
    #[diesel(sql_type = Text)]
    pub(crate) retry_policy: String,
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) failing_since: Option<DateTime<Utc>>,
}

impl ReceiverRow {
    pub(crate) fn dialect(&self) -> Result<DialectName> {
        word("dialect", &self.dialect)
    }
    pub(crate) fn policy(&self) -> Result<RetryPolicy> {
        word("retry policy", &self.retry_policy)
    }
    pub(crate) fn status(&self) -> Result<WebhookStatus> {
        word("webhook status", &self.status)
    }
}
