//! What a receiver verifies before it believes a delivery: signatures recomputed over the bytes that came, and the age.
//!
//! A receiver on the open net compares in constant time, as `docs/receivers` does; here nobody can measure.

use chrono::TimeDelta;
use serde_json::Value;
use stoa_protocols::webhook::{
    DialectName,
    signature::{hmac_sha1_hex, hmac_sha256_hex, standard_key, standard_webhooks},
};

use super::receivers::Arrival;

/// Oldest delivery that is believed, and the furthest from the future.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Says what is wrong with a delivery; nothing, if all of it verifies.
pub(super) fn fault(arrival: &Arrival, secret: &str) -> Option<String> {
    let own = match arrival.dialect {
        DialectName::Talktiko => {
            let expected = format!("sha256={}", hmac_sha256_hex(secret.as_bytes(), &arrival.body));
            differs(arrival, "x-signature-256", &expected)
        }
        DialectName::Reach360 => differs(arrival, "x-hook-signature", &hmac_sha1_hex(secret.as_bytes(), &arrival.body)),
        DialectName::Teachbase => None,
    };
    own.or_else(|| standard_fault(arrival, secret))
}

/// As [`fault`], after a byte was changed on the way.
pub(super) fn notices_a_changed_byte(arrival: &Arrival, secret: &str) -> bool {
    let mut body = arrival.body.to_vec();
    if let Some(last) = body.last_mut() {
        *last ^= 1;
    }
    fault(&Arrival { body: body.into(), ..arrival.clone() }, secret).is_some()
}

fn differs(arrival: &Arrival, header: &str, expected: &str) -> Option<String> {
    match arrival.headers.get(header) {
        None => Some(format!("{header} is missing")),
        Some(given) if given == expected => None,
        Some(_) => Some(format!("{header} does not verify")),
    }
}

fn standard_fault(arrival: &Arrival, secret: &str) -> Option<String> {
    let header = |name: &str| arrival.headers.get(name).map(String::as_str).unwrap_or_default();
    let Ok(timestamp) = header("webhook-timestamp").parse::<i64>() else {
        return Some("webhook-timestamp is no number".to_owned());
    };
    if (arrival.time.timestamp() - timestamp).abs() > TOLERANCE.num_seconds() {
        return Some("webhook-timestamp is too old, or ahead".to_owned());
    }
    let key = standard_key(secret.as_bytes());
    let expected = standard_webhooks(&key, header("webhook-id"), timestamp, &arrival.body);
    let verifies = header("webhook-signature").split(' ').any(|given| given == expected);
    (!verifies).then(|| "webhook-signature does not verify".to_owned())
}

/// What a delivery of a dialect is verified by.
pub(super) const fn verified_by(dialect: DialectName) -> &'static str {
    match dialect {
        DialectName::Talktiko => "X-Signature-256 and Standard Webhooks",
        DialectName::Teachbase => "Standard Webhooks",
        DialectName::Reach360 => "X-Hook-Signature and Standard Webhooks",
    }
}

/// The body as JSON; null if it is none.
pub(super) fn body(arrival: &Arrival) -> Value {
    serde_json::from_slice(&arrival.body).unwrap_or_default()
}
