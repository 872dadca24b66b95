//! Talktiko: our own envelope, with everything that is known of an event.
//!
//! Not here: the shape of `data`, which is the neutral payload as it is (`event::payload`).
//!
//! # Shape
//! `{id, type, api_version, created_at, institution_id, object: {type, id, revision}, test, data}`. Ids are the
//! prefixed ones, times RFC 3339 in UTC with milliseconds. `id` is the same over every attempt. Header
//! `X-Signature-256: sha256=<hex HMAC-SHA256 of the raw body>`, keyed by the secret's text; it covers no timestamp,
//! so receivers who fear replays verify `webhook-signature`, which does.
//!
//! # Source
//! Talktiko's integrations page names `X-Signature-256`, an HMAC-SHA256 of the body under the webhook's secret, and
//! leaves envelope and encoding open. The encoding follows GitHub's `X-Hub-Signature-256`
//! (docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries); the envelope follows Standard Webhooks,
//! "Payload structure".

use serde::Serialize;

use crate::{
    event::{Envelope, EventData, EventType, ObjectRef, instant},
    webhook::{
        Audience, Dialect, DialectName, RenderError, Signing, dialect::common_headers, signature::hmac_sha256_hex,
    },
};

/// The version of the envelope; it changes only when a receiver could break.
const API_VERSION: &str = "2026-11-21";

/// The dialect.
#[derive(Debug)]
pub struct Talktiko;

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    event_type: &'static str,
    api_version: &'static str,
    created_at: String,
    institution_id: &'a str,
    object: &'a ObjectRef,
    test: bool,
    data: &'a EventData,
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
        let body = Body {
            id: &event.id,
            event_type: self.name_of(event.event_type),
            api_version: API_VERSION,
            created_at: instant::with_z(event.occurred_at),
            institution_id: &event.institution.id,
            object: &event.object,
            test: event.test,
            data: &event.data,
        };
        Ok(serde_json::to_vec(&body)?)
    }

    fn headers(&self, signing: &Signing<'_>) -> Vec<(&'static str, String)> {
        let mut headers = common_headers(signing);
        if let Some(secret) = signing.secret {
            headers.push(("x-signature-256", format!("sha256={}", hmac_sha256_hex(secret, signing.body))));
        }
        headers
    }
}
