//! A delivery ready to be attempted: all that the sender needs, nothing to be asked for again.

use std::{collections::BTreeMap, fmt, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use diesel_async::RunQueryDsl;
use stoa_protocols::{
    event::{self, EventType, InstitutionFacts},
    webhook::{Audience, Dialect, DialectName, RetryPolicy, Signing, SigningKey},
};
use uuid::Uuid;

use super::{
    Webhook,
    rows::{ReceiverRow, receiver_columns},
};
use stoa_core::{
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id, TenantId},
    sealed::{Sealer, webhook_headers, webhook_secret},
};

/// A receiver with its secrets open. Shared by the deliveries of a batch.
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
    /// Updates of one object within so many seconds are sent as the last of them; 0 sends each.
    pub coalesce_seconds: i32,
    /// The events of one object are sent strictly one after the other.
    pub ordered: bool,
    /// Most attempts at the same time; none means the server's own limit.
    pub max_in_flight: Option<u32>,
    /// Most attempts in a second; none means no limit.
    pub rate_per_second: Option<u32>,
    api_version: Option<String>,
    /// When the second key stops signing.
    previous_until: Option<DateTime<Utc>>,
    /// None where no key that this server knows opens them.
    secrets: Option<Secrets>,
}

/// What goes with each attempt and nobody else may see. Its `Debug` says nothing.
#[derive(Default)]
struct Secrets {
    /// The newest first; the second is of the time before the last rotation.
    keys: Vec<SigningKey>,
    /// Headers of its own, names in lower case.
    own_headers: BTreeMap<String, String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    fn open(row: &ReceiverRow, sealer: &Sealer) -> Result<Self> {
        let webhook = Id::from_uuid(row.id);
        let place = webhook_secret(webhook);
        let mut keys = Vec::new();
        for sealed in [&row.secret, &row.previous_secret].into_iter().flatten() {
            keys.push(SigningKey::of(sealer.open(sealed, &place)?.expose()));
        }
        Ok(Self { keys, own_headers: open_headers(row.headers.as_deref(), webhook, sealer)? })
    }
}

static NO_HEADERS: BTreeMap<String, String> = BTreeMap::new();

impl Receiver {
    /// Reads a receiver. What is sealed under a key that this server does not know yet stays shut: its events are
    /// owed all the same, and a server that knows the key sends them.
    pub(crate) fn open(row: &ReceiverRow, sealer: &Sealer) -> Result<Self> {
        let webhook = Id::from_uuid(row.id);
        let secrets = Secrets::open(row, sealer);
        if let Err(error) = &secrets {
            let why = error.inside().map(ToString::to_string).unwrap_or_default();
            tracing::error!(webhook.id = %webhook, "what is sent to a webhook cannot be signed here: {why}");
        }
        Ok(Self {
            tenant: TenantId::from_uuid(row.tenant_id),
            webhook,
            dialect: row.dialect()?,
            policy: row.policy()?,
            failing: row.failing_since.is_some(),
            coalesce_seconds: row.coalesce_seconds,
            ordered: row.ordered,
            max_in_flight: row.max_in_flight.and_then(|most| most.try_into().ok()),
            rate_per_second: row.rate_per_second.and_then(|most| most.try_into().ok()),
            api_version: row.api_version.clone(),
            previous_until: row.previous_secret_until,
            secrets: secrets.ok(),
        })
    }

    /// Whoever is at an address that is no webhook's yet: unsigned, with the usual policies.
    pub(super) fn unregistered(tenant: TenantId, webhook: Id<id::Webhook>, dialect: DialectName) -> Self {
        Self {
            tenant,
            webhook,
            dialect,
            policy: RetryPolicy::default(),
            failing: false,
            coalesce_seconds: 0,
            ordered: false,
            max_in_flight: None,
            rate_per_second: None,
            api_version: None,
            previous_until: None,
            secrets: Some(Secrets::default()),
        }
    }

    /// Can be sent to from here: its secrets are open.
    pub const fn is_open(&self) -> bool {
        self.secrets.is_some()
    }

    /// The keys that sign at a time, the newest first: two during the overlap of a rotation.
    pub fn keys(&self, now: DateTime<Utc>) -> &[SigningKey] {
        let keys = self.secrets.as_ref().map_or(&[][..], |secrets| &secrets.keys);
        let overlaps = self.previous_until.is_some_and(|until| now < until);
        if overlaps { keys } else { keys.get(..1).unwrap_or_default() }
    }

    /// Headers of its own, names in lower case. The values are secrets.
    pub fn own_headers(&self) -> &BTreeMap<String, String> {
        self.secrets.as_ref().map_or(&NO_HEADERS, |secrets| &secrets.own_headers)
    }
}

/// Opens a webhook's own headers.
pub(crate) fn open_headers(
    at_rest: Option<&[u8]>,
    webhook: Id<id::Webhook>,
    sealer: &Sealer,
) -> Result<BTreeMap<String, String>> {
    let Some(at_rest) = at_rest else { return Ok(BTreeMap::new()) };
    let opened = sealer.open(at_rest, &webhook_headers(webhook))?;
    serde_json::from_slice(opened.expose()).map_err(Error::internal)
}

/// When a delivery goes that could go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// As soon as it may.
    Fresh,
    /// When nothing fresh waits.
    Replayed,
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
    /// Whether it waits behind others, as a replay does.
    pub turn: Turn,
    /// Request that caused the event.
    pub request_id: Option<Arc<str>>,
}

impl Outgoing {
    /// Is it part of a replay.
    pub fn is_replayed(&self) -> bool {
        self.turn == Turn::Replayed
    }

    /// A sample asked for by a person.
    pub(super) fn test(
        receiver: Arc<Receiver>,
        (delivery, event, event_type): (Id<id::Delivery>, Id<id::Event>, EventType),
        url: &str,
        body: Vec<u8>,
    ) -> Self {
        Self {
            receiver,
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
            turn: Turn::Fresh,
            request_id: None,
        }
    }

    /// The headers of an attempt begun at a time: a retry has the same body, a fresh timestamp and signature. The
    /// receiver's own headers are not among them.
    pub fn headers(&self, now: DateTime<Utc>) -> Vec<(&'static str, String)> {
        let message_id = self.event.to_string();
        self.receiver.dialect.dialect().headers(&Signing {
            message_id: &message_id,
            timestamp: now.timestamp(),
            body: &self.body,
            keys: self.receiver.keys(now),
            api_version: self.receiver.api_version.as_deref(),
            event_type: self.event_type,
            test: self.test,
        })
    }
}

/// Renders an event for a receiver; links inside begin at the root of the installation.
pub(crate) fn render(
    dialect: &dyn Dialect,
    envelope: &event::Envelope,
    (webhook, api_version, base_url): (Id<id::Webhook>, Option<&str>, &str),
) -> Result<Vec<u8>> {
    let webhook_id = webhook.to_string();
    let audience = Audience { webhook_id: &webhook_id, api_version, base_url };
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
    let event_type = sample_type(webhook.dialect, event_name)?;
    let row = receiver_row(tx, webhook.id).await?;
    let receiver = Receiver::open(&row, sealer)?;
    if !receiver.is_open() {
        let why = "the webhook's secret cannot be read by this server; its operator finds the reason in the log";
        return Err(Error::new(Code::UpstreamUnavailable, why));
    }
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
    let url = row.url.clone();
    let rendering = dialect.rendering(&webhook.id.to_string(), api_version);
    insert_test(
        tx,
        &TestRow { webhook: webhook.id, delivery, event, event_type, url: &url, rendering: &rendering, body: &body },
    )
    .await?;
    let receiver = Arc::new(Receiver::open(&row, sealer)?);
    let outgoing = Outgoing::test(receiver, (delivery, event, event_type), &url, body);
    Ok(TestDelivery { outgoing, event_name: dialect.name_of(event_type) })
}

/// The type whose sample is sent: the one that is named, else the dialect's own choice.
pub(super) fn sample_type(name: DialectName, event_name: Option<&str>) -> Result<EventType> {
    let dialect = name.dialect();
    let Some(wanted) = event_name else { return Ok(dialect.test_event()) };
    let unknown = || Error::invalid_field("/event_type", "unknown", format!("the dialect {name} has no such event"));
    dialect.event_named(wanted).ok_or_else(unknown)
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
    sql(concat!(
        "SELECT ",
        receiver_columns!(),
        " FROM webhooks w JOIN institutions i ON i.tenant_id = w.tenant_id
         WHERE w.tenant_id = $1 AND w.id = $2 AND w.deleted_at IS NULL"
    ))
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .get_result(tx.connection())
    .await
    .map_err(failed)
}
