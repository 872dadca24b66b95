//! Masks for snapshots: what differs from run to run is masked, after it was checked to be what it claims.

use serde_json::Value;
use stoa_core::{
    Id,
    id::{self, Kind},
    tokens::TokenText,
};

/// Masks ids, tokens, secrets and names of requests wherever they stand. Times need no mask: the clock stands still.
pub(crate) fn redact(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(all) => Value::Array(all.into_iter().map(redact).collect()),
        Value::Object(all) => Value::Object(all.into_iter().map(|(name, value)| (name, redact(value))).collect()),
        other => other,
    }
}

fn mask(text: &str) -> String {
    let known = [
        masked::<id::Institution>,
        masked::<id::User>,
        masked::<id::Token>,
        masked::<id::Course>,
        masked::<id::Lesson>,
        masked::<id::Training>,
        masked::<id::Item>,
        masked::<id::Enrolment>,
        masked::<id::Standing>,
        masked::<id::Event>,
        masked::<id::Webhook>,
        masked::<id::Delivery>,
        masked::<id::Job>,
        masked::<id::Staff>,
        masked::<id::AuditEntry>,
        masked::<id::SubscriptionRequest>,
        masked::<id::Subscription>,
    ];
    if let Some(masked) = known.iter().find_map(|mask| mask(text)) {
        return masked;
    }
    if TokenText::read(text).is_some() {
        return "[token]".to_owned();
    }
    if text.strip_prefix("whsec_").is_some_and(|rest| rest.len() >= 32) {
        return "[secret]".to_owned();
    }
    if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return "[request]".to_owned();
    }
    // Ids inside addresses.
    let parts = text.split('/').map(|part| known.iter().find_map(|mask| mask(part)).unwrap_or_else(|| part.to_owned()));
    parts.collect::<Vec<_>>().join("/")
}

fn masked<K: Kind>(text: &str) -> Option<String> {
    text.parse::<Id<K>>().ok().map(|_| format!("[{}]", K::PREFIX))
}
