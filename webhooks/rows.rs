//! The rows of webhooks, deliveries and attempts, and nothing else.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::webhook::{DialectName, RetryPolicy};
use uuid::Uuid;

use super::{Attempt, Delivery, DeliveryStatus, Subscription, Timings, Webhook, WebhookStatus};
use stoa_core::{
    error::{Error, Result},
    id::Id,
};

#[derive(QueryableByName)]
pub(crate) struct WebhookRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) url: String,
    #[diesel(sql_type = Text)]
    pub(crate) description: String,
    #[diesel(sql_type = Text)]
    pub(crate) dialect: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) api_version: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) secret_hint: String,
    #[diesel(sql_type = Text)]
    pub(crate) signature_scheme: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) public_key: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) previous_secret_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) header_names: Vec<String>,
    #[diesel(sql_type = Integer)]
    pub(crate) coalesce_seconds: i32,
    #[diesel(sql_type = Bool)]
    pub(crate) ordered: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) max_in_flight: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) rate_per_second: Option<i32>,
    #[diesel(sql_type = Text)]
    pub(crate) retry_policy: String,
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) status_reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) failing_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) pinged_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) updated_at: DateTime<Utc>,
}

impl WebhookRow {
    /// The endpoint with its subscriptions, the oldest first, as it is at a time.
    pub(crate) fn with(self, subscriptions: Vec<Subscription>, now: DateTime<Utc>) -> Result<Webhook> {
        Ok(Webhook {
            id: Id::from_uuid(self.id),
            url: self.url,
            description: self.description,
            subscriptions,
            dialect: word("dialect", &self.dialect)?,
            api_version: self.api_version,
            secret_hint: Some(self.secret_hint).filter(|hint| !hint.is_empty()),
            signature_scheme: word("signature scheme", &self.signature_scheme)?,
            public_key: self.public_key,
            previous_secret_until: self.previous_secret_until.filter(|until| *until > now),
            header_names: self.header_names,
            coalesce_seconds: self.coalesce_seconds,
            ordered: self.ordered,
            max_in_flight: self.max_in_flight,
            rate_per_second: self.rate_per_second,
            retry_policy: word("retry policy", &self.retry_policy)?,
            status: word("webhook status", &self.status)?,
            status_reason: self.status_reason,
            failing_since: self.failing_since,
            pinged_at: self.pinged_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Reads a closed word of a row.
pub(crate) fn word<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::internal(anyhow::anyhow!("unknown {what} in a row: {text}")))
}

#[derive(QueryableByName)]
pub(crate) struct DeliveryRow {
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
    #[diesel(sql_type = Text)]
    pub(crate) rendering: String,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = Integer)]
    attempts_before: i32,
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    wait_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    behind: bool,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
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
            object_id: self.object_id,
            attempts_before: self.attempts_before,
            revision: self.revision,
            wait_until: self.wait_until,
            behind: self.behind,
            reason: self.reason,
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
    #[diesel(sql_type = Nullable<Integer>)]
    dns_ms: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    connect_ms: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    tls_ms: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    first_byte_ms: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    error_detail: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    request_headers: Option<String>,
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
            timings: Timings {
                dns_ms: row.dns_ms,
                connect_ms: row.connect_ms,
                tls_ms: row.tls_ms,
                first_byte_ms: row.first_byte_ms,
            },
            error_detail: row.error_detail,
            kept_headers: row.request_headers,
            headers: Vec::new(),
        }
    }
}

/// The columns of [`ReceiverRow`], of a statement with `webhooks w` and `institutions i`. The receivers of an institution
/// whose doors are shut are paused, whatever they would be else.
macro_rules! receiver_columns {
    () => {
        "w.tenant_id, i.number AS institution_number, w.id, w.url, w.dialect, w.api_version, w.secret, w.previous_secret, \
         w.previous_secret_until, w.headers, w.coalesce_seconds, w.ordered, w.max_in_flight, w.rate_per_second, \
         w.retry_policy, CASE WHEN i.status IN ('suspended', 'closed') AND w.status = 'enabled' THEN 'paused' ELSE w.status END AS status, \
         i.status IN ('suspended', 'closed') AS shut, w.failing_since"
    };
}
pub(crate) use receiver_columns;

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
    #[diesel(sql_type = Text)]
    pub(crate) dialect: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) api_version: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) secret: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) previous_secret: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) previous_secret_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(crate) headers: Option<Vec<u8>>,
    #[diesel(sql_type = Integer)]
    pub(crate) coalesce_seconds: i32,
    #[diesel(sql_type = Bool)]
    pub(crate) ordered: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) max_in_flight: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) rate_per_second: Option<i32>,
    #[diesel(sql_type = Text)]
    pub(crate) retry_policy: String,
    #[diesel(sql_type = Text)]
    pub(crate) status: String,
    /// The institution is suspended or closed.
    #[diesel(sql_type = Bool)]
    pub(crate) shut: bool,
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
