//! A delivery ready to be attempted: all that the sender needs, nothing to be asked for again.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use diesel_async::RunQueryDsl;
use stoa_protocols::{
    event::{self, EventType, InstitutionFacts},
    webhook::{Audience, Dialect, DialectName, RetryPolicy, Signing},
};
use uuid::Uuid;

use super::{Webhook, rows::ReceiverRow, secret_place};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
    sealed::{Sealer, Secret},
};

/// A receiver with its secret open. Shared by the deliveries of a batch.
#[derive(Debug)]
pub struct Receiver {
    /// Whose it is.
    pub tenant: TenantId,
    /// The webhook.
    pub webhook: Id<id::Webhook>,
    /// How it wants to be spoken to.
    pub dialect: DialectName,
    /// Retry schedule.
    pub policy: RetryPolicy,
    /// Was failing when it was loaded.
    pub failing: bool,
    api_version: Option<String>,
    secret: Option<Secret>,
}

impl Receiver {
    pub(crate) fn open(row: &ReceiverRow, sealer: &Sealer) -> Result<Self> {
        let webhook = Id::from_uuid(row.id);
        let secret = row.secret.as_deref().map(|sealed| sealer.open(sealed, &secret_place(webhook))).transpose()?;
        Ok(Self {
            tenant: TenantId::from_uuid(row.tenant_id),
            webhook,
            dialect: row.dialect()?,
            policy: row.policy()?,
            failing: row.failing_since.is_some(),
            api_version: row.api_version.clone(),
            secret,
        })
    }
}

/// One delivery about to be attempted.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Whom it is for.
    pub receiver: Arc<Receiver>,
    /// The delivery.
    pub delivery: Id<id::Delivery>,
    /// The event: receivers tell repeats by it.
    pub event: Id<id::Event>,
    /// Its type.
    pub event_type: EventType,
    /// The object: order is kept for it.
    pub object: Uuid,
    /// First announcement of the object.
    pub opens: bool,
    /// The first announcement of the object was not attempted yet: to be sent behind it, by whoever has it.
    pub held: bool,
    /// Where it goes.
    pub url: Arc<str>,
    /// The bytes, the same at every attempt.
    pub body: Bytes,
    /// Attempts so far.
    pub attempts: i32,
    /// Of them, before the present retry window.
    pub attempts_before: i32,
    /// Start of the first attempt of the present window.
    pub first_attempt_at: Option<DateTime<Utc>>,
    /// Asked for by a person; never retried.
    pub test: bool,
    /// Request that caused the event.
    pub request_id: Option<Arc<str>>,
}

impl Outgoing {
    /// The headers of an attempt begun at a time: a retry has the same body, a fresh timestamp and signature.
    pub fn headers(&self, now: DateTime<Utc>) -> Vec<(&'static str, String)> {
        let message_id = self.event.to_string();
        self.receiver.dialect.dialect().headers(&Signing {
            message_id: &message_id,
            timestamp: now.timestamp(),
            body: &self.body,
            secret: self.receiver.secret.as_ref().map(Secret::expose),
            api_version: self.receiver.api_version.as_deref(),
            event_type: self.event_type,
            test: self.test,
        })
    }
}

/// Renders an event for a receiver; links inside begin with the API of the installation at `base_url`.
pub(crate) fn render(
    dialect: &dyn Dialect,
    envelope: &event::Envelope,
    (webhook, api_version, base_url): (Id<id::Webhook>, Option<&str>, &str),
) -> Result<Vec<u8>> {
    let (webhook_id, api) = (webhook.to_string(), format!("{base_url}/api"));
    let audience = Audience { webhook_id: &webhook_id, api_version, base_url: &api };
    dialect.render(envelope, &audience).map_err(Error::internal)
}

/// A delivery asked for by a person, with the body that it carries.
#[derive(Debug)]
pub struct TestDelivery {
    /// What is to be sent.
    pub outgoing: Outgoing,
    /// Name of the sample, in the dialect's words.
    pub event_name: &'static str,
}

/// Owes a receiver a sample of one of its events, marked as a test. It is in the log and is never retried.
///
/// # Errors
/// `validation_failed` when the dialect does not speak the type.
pub async fn test_delivery(
    tx: &mut TenantTx,
    (sealer, base_url): (&Sealer, &str),
    webhook: &Webhook,
    event_name: Option<&str>,
) -> Result<TestDelivery> {
    let dialect = webhook.dialect.dialect();
    let event_type = match event_name {
        None => dialect.test_event(),
        Some(name) => dialect.event_named(name).ok_or_else(|| {
            Error::invalid_field("/event_type", "unknown", format!("the dialect {} has no such event", webhook.dialect))
        })?,
    };
    let row = receiver_row(tx, webhook.id).await?;
    let event: Id<id::Event> = tx.new_id();
    let delivery: Id<id::Delivery> = tx.new_id();
    let envelope = event::Envelope {
        id: event.to_string(),
        occurred_at: tx.now(),
        institution: InstitutionFacts { id: tx.tenant().to_string(), number: row.institution_number },
        test: true,
        ..event::sample(event_type)
    };
    let api_version = row.api_version.as_deref();
    let body = render(dialect, &envelope, (webhook.id, api_version, base_url))?;
    let url = address_for(&row, event_type);
    let rendering = dialect.rendering(&webhook.id.to_string(), api_version);
    insert_test(
        tx,
        &TestRow { webhook: webhook.id, delivery, event, event_type, url: &url, rendering: &rendering, body: &body },
    )
    .await?;
    let outgoing = Outgoing {
        receiver: Arc::new(Receiver::open(&row, sealer)?),
        delivery,
        event,
        event_type,
        object: event.uuid(),
        opens: false,
        held: false,
        url: url.into(),
        body: body.into(),
        attempts: 0,
        attempts_before: 0,
        first_attempt_at: None,
        test: true,
        request_id: None,
    };
    Ok(TestDelivery { outgoing, event_name: dialect.name_of(event_type) })
}

struct TestRow<'a> {
    webhook: Id<id::Webhook>,
    delivery: Id<id::Delivery>,
    event: Id<id::Event>,
    event_type: EventType,
    url: &'a str,
    rendering: &'a str,
    body: &'a [u8],
}

async fn insert_test(tx: &mut TenantTx, row: &TestRow<'_>) -> Result<()> {
    use diesel::sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid};
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("WITH sent AS (
           INSERT INTO payloads (tenant_id, event_id, rendering, body) VALUES ($1, $4, $7, $8))
         INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, test, status, created_at)
         VALUES ($1, $2, $3, $4, $5, $4, $7, $6, false, true, 'pending', $9)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(row.delivery.uuid())
    .bind::<SqlUuid, _>(row.webhook.uuid())
    .bind::<SqlUuid, _>(row.event.uuid())
    .bind::<Text, _>(row.event_type.as_str())
    .bind::<Text, _>(row.url)
    .bind::<Text, _>(row.rendering)
    .bind::<Binary, _>(row.body)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

async fn receiver_row(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<ReceiverRow> {
    use diesel::sql_types::Uuid as SqlUuid;
    let tenant = tx.tenant().uuid();
    sql("SELECT w.tenant_id, i.number AS institution_number, w.id, w.url, w.urls, w.events, w.scope_ids, w.dialect, w.api_version,
           w.secret, w.retry_policy, w.status, w.failing_since
         FROM webhooks w JOIN institutions i ON i.tenant_id = w.tenant_id
         WHERE w.tenant_id = $1 AND w.id = $2 AND w.deleted_at IS NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .get_result(tx.connection())
    .await
    .map_err(failed)
}

/// The address for a type: one given for it, else for its part before the dot, else the webhook's own.
pub(crate) fn address_for(row: &ReceiverRow, event_type: EventType) -> String {
    let name = event_type.as_str();
    let prefix = name.split('.').next().unwrap_or(name);
    let named = row.urls.get(name).or_else(|| row.urls.get(prefix)).and_then(serde_json::Value::as_str);
    named.unwrap_or(&row.url).to_owned()
}
