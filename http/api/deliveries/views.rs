//! How a delivery and its attempts look: what was sent, how it went, what happens next.
//!
//! Not here: the doors (`deliveries`), and the words for what happens next (`stoa_webhooks`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, id};
use stoa_protocols::webhook::masked_url;
use stoa_webhooks::{Around, Attempt, Delivery, DeliveryStatus, NextAction, Outlook, Timings};

use crate::doors::{Sample, sample};

/// One event owed to one receiver.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub(super) struct DeliveryView {
    id: Id<id::Delivery>,
    webhook_id: Id<id::Webhook>,
    /// The event, which a receiver tells repeats by.
    event_id: Id<id::Event>,
    /// Its type.
    event_type: String,
    /// How often its object had changed.
    revision: i32,
    /// Where it goes; secrets in it are masked.
    url: String,
    /// Asked for by a person.
    test: bool,
    /// What became of it.
    status: DeliveryStatus,
    /// Why it was cancelled, skipped or given up, in a word; null otherwise.
    reason: Option<String>,
    /// What happens next.
    next: NextView,
    /// Attempts so far.
    attempt_count: i32,
    /// The attempts, the oldest first.
    attempts: Vec<AttemptView>,
    created_at: DateTime<Utc>,
    /// When the next attempt is due; null when none is.
    next_attempt_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Request that caused the event.
    request_id: Option<String>,
    /// The request as it was last sent, or will be first; only where one delivery is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestView>,
}

/// What is sent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SentRequest")]
pub(super) struct RequestView {
    method: &'static str,
    /// Secrets in it are masked.
    url: String,
    /// Headers of the latest attempt, names in lower case; signatures and the webhook's own headers are masked. Empty
    /// before the first attempt.
    headers: BTreeMap<String, String>,
    /// The body, byte for byte the same at every attempt; null once it was forgotten.
    body: Option<String>,
}

/// What happens next to a delivery.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NextStep")]
pub(super) struct NextView {
    action: NextAction,
    /// When, if that is known.
    at: Option<DateTime<Utc>>,
    /// Why, in words.
    why: String,
}

/// One try.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
pub(super) struct AttemptView {
    /// From 1.
    attempt: i32,
    /// When the request began.
    at: DateTime<Utc>,
    /// Until the verdict.
    duration_ms: i32,
    /// Of that, looking the name up; this and the next two are null on a connection that was kept.
    dns_ms: Option<i32>,
    /// Connecting.
    connect_ms: Option<i32>,
    /// Agreeing on TLS.
    tls_ms: Option<i32>,
    /// From the request to the head of its answer; null if none came.
    first_byte_ms: Option<i32>,
    /// Status of the answer; null if there was none.
    http_status: Option<i32>,
    /// Class of the failure in a word; null when received.
    error: Option<String>,
    /// The failure in a sentence: what happened, and what to look at.
    error_detail: Option<String>,
    /// First KiB of the answer.
    response_excerpt: Option<String>,
    /// Address that was connected to.
    address: Option<String>,
    /// Headers as they were sent, masked; only where one delivery is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_headers: Option<BTreeMap<String, String>>,
}

impl RequestView {
    pub(super) fn new(url: &str, headers: Vec<(String, String)>, body: Option<String>) -> Self {
        Self { method: "POST", url: masked_url(url), headers: headers.into_iter().collect(), body }
    }
}

impl From<Outlook> for NextView {
    fn from(outlook: Outlook) -> Self {
        Self { action: outlook.action, at: outlook.at, why: outlook.why }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let Timings { dns_ms, connect_ms, tls_ms, first_byte_ms } = attempt.timings;
        Self {
            attempt: attempt.attempt,
            at: attempt.started_at,
            duration_ms: attempt.duration_ms,
            dns_ms,
            connect_ms,
            tls_ms,
            first_byte_ms,
            http_status: attempt.http_status,
            error: attempt.error,
            error_detail: attempt.error_detail,
            response_excerpt: attempt.response,
            address: attempt.address,
            request_headers: Some(attempt.headers.into_iter().collect()).filter(|all: &BTreeMap<_, _>| !all.is_empty()),
        }
    }
}

impl DeliveryView {
    /// A line of a list.
    pub(super) fn of(delivery: Delivery, around: Around<'_>) -> Self {
        let next = delivery.outlook(around).into();
        Self {
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            event_id: delivery.event_id,
            event_type: delivery.event_type,
            revision: delivery.revision,
            url: masked_url(&delivery.url),
            test: delivery.test,
            status: delivery.status,
            reason: delivery.reason,
            next,
            attempt_count: delivery.attempt_count,
            attempts: delivery.attempts.into_iter().map(Into::into).collect(),
            created_at: delivery.created_at,
            next_attempt_at: delivery.next_attempt_at,
            finished_at: delivery.finished_at,
            request_id: delivery.request_id,
            request: None,
        }
    }

    /// One delivery with all that is known of it.
    pub(super) fn whole(mut delivery: Delivery, around: Around<'_>) -> Self {
        let headers = delivery.attempts.last().map(|latest| latest.headers.clone()).unwrap_or_default();
        let request = RequestView::new(&delivery.url, headers, delivery.body.take());
        Self { request: Some(request), ..Self::of(delivery, around) }
    }
}

/// Headers as they look.
pub(super) fn sample_headers() -> BTreeMap<String, String> {
    [
        ("content-type", "application/json"),
        ("webhook-id", "evt_01j25etb4petbvsknk0804sn02"),
        ("webhook-signature", "v1,…"),
        ("webhook-timestamp", "1795251600"),
        ("x-signature-256", "sha256=…"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

impl RequestView {
    pub(super) fn sample() -> Self {
        Self {
            method: "POST",
            url: "https://hooks.example.com/stoa".into(),
            headers: sample_headers(),
            body: Some(r#"{"id":"evt_01j25etb4petbvsknk0804sn02","type":"course.completed"}"#.into()),
        }
    }
}

impl Sample for DeliveryView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            webhook_id: sample::id(),
            event_id: sample::id(),
            event_type: "course.completed".into(),
            revision: 1,
            url: "https://hooks.example.com/stoa".into(),
            test: false,
            status: DeliveryStatus::Succeeded,
            reason: None,
            next: NextView { action: NextAction::Nothing, at: None, why: "ended: received with attempt 1".into() },
            attempt_count: 1,
            attempts: vec![AttemptView {
                attempt: 1,
                at: sample::time(),
                duration_ms: 41,
                dns_ms: Some(3),
                connect_ms: Some(9),
                tls_ms: Some(17),
                first_byte_ms: Some(11),
                http_status: Some(204),
                error: None,
                error_detail: None,
                response_excerpt: None,
                address: Some("203.0.113.7:443".into()),
                request_headers: None,
            }],
            created_at: sample::time(),
            next_attempt_at: None,
            finished_at: Some(sample::time()),
            request_id: Some("5f0c1d7e".into()),
            request: None,
        }
    }
}
