//! Talktiko: our own envelope, with everything that is known of an event.
//!
//! Not here: the shape of `data`, which is the neutral payload as it is (`event::payload`).
//!
//! # Shape
//! `{id, type, api_version, created_at, institution_id, object: {type, id, revision}, test, data}`. Ids are the
//! prefixed ones, times RFC 3339 in UTC with milliseconds. `id` is the same over every attempt. Header
//! `X-Signature-256: sha256=<hex HMAC-SHA256 of the raw body>`, keyed by the secret's text; it covers no timestamp,
//! so receivers who fear replays verify `webhook-signature`, which does. While a secret is being replaced it stays with
//! the previous one, and `X-Signature-256-Next` carries the new.
//!
//! # Source
//! Talktiko's integrations page names `X-Signature-256`, an HMAC-SHA256 of the body under the webhook's secret, and
//! leaves envelope and encoding open. The encoding follows GitHub's `X-Hub-Signature-256`
//! (docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries); the envelope follows Standard Webhooks,
//! "Payload structure".

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;

use crate::{
    event::{Envelope, EventData, EventType, ObjectRef, instant},
    webhook::{
        Audience, Dialect, DialectName, RenderError, Signing,
        dialect::{common_headers, legacy_headers, say_constant},
        signature::hmac_sha256_hex,
    },
};

/// The version of the envelope; it changes only when a receiver could break.
const API_VERSION: &str = "2026-11-21";

/// The dialect.
#[derive(Debug)]
pub struct Talktiko;

/// An event as a receiver gets it and as the feed answers it: the same, because it is the same code.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub struct Body<'a> {
    /// `evt_…`, the same over every attempt; the key against repeats.
    id: &'a str,
    /// What happened, by its name in the catalogue.
    #[serde(rename = "type")]
    event_type: &'static str,
    /// Version of this shape.
    api_version: &'static str,
    /// When it happened, in UTC with milliseconds.
    created_at: String,
    /// Whose it is.
    institution_id: &'a str,
    /// What it is about.
    object: &'a ObjectRef,
    /// Asked for by a person: nothing happened.
    test: bool,
    /// The parts that the event has.
    data: &'a EventData,
}

impl<'a> Body<'a> {
    /// Says an event.
    pub fn of(event: &'a Envelope) -> Self {
        Self {
            id: &event.id,
            event_type: event.event_type.as_str(),
            api_version: API_VERSION,
            created_at: instant::with_z(event.occurred_at),
            institution_id: &event.institution.id,
            object: &event.object,
            test: event.test,
            data: &event.data,
        }
    }
}

impl Dialect for Talktiko {
    fn name(&self) -> DialectName {
        DialectName::Talktiko
    }

    fn speaks(&self, _event_type: EventType) -> bool {
        true
    }

    fn versions(&self) -> &'static [&'static str] {
        &[API_VERSION]
    }

    fn test_event(&self) -> EventType {
        EventType::WebhookPing
    }

    fn rendering(&self, _webhook_id: &str, _api_version: Option<&str>) -> String {
        self.name().as_str().to_owned()
    }

    fn render(&self, event: &Envelope, _audience: &Audience<'_>) -> Result<Vec<u8>, RenderError> {
        Ok(serde_json::to_vec(&Body::of(event))?)
    }

    fn schema(&self, event_type: EventType, api_version: Option<&str>) -> Option<Schema> {
        if api_version.is_some_and(|version| version != API_VERSION) {
            return None;
        }
        let mut schema =
            SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Body<'static>>();
        say_constant(&mut schema, "type", event_type.as_str());
        say_constant(&mut schema, "api_version", API_VERSION);
        Some(schema)
    }

    fn headers(&self, signing: &Signing<'_>) -> Vec<(&'static str, String)> {
        let mut headers = common_headers(signing);
        let sign = |secret: &[u8], body: &[u8]| format!("sha256={}", hmac_sha256_hex(secret, body));
        headers.extend(legacy_headers(signing, ("x-signature-256", "x-signature-256-next"), sign));
        headers
    }
}
