//! What a door may answer when not all went well: its own codes, and those of every door of its kind.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use stoa_core::{Code, Error, FieldFault};

use crate::http::{
    body::Presence,
    doors::{Access, Door},
    problem::{self, Problem},
};

/// Every code that a door may answer, in the order of the documentation.
pub(super) fn codes(door: &Door) -> Vec<Code> {
    let mut codes = door.errors.to_vec();
    codes.extend([Code::ValidationFailed, Code::Internal, Code::UpstreamUnavailable]);
    if door.access != Access::Public {
        codes.extend([Code::Unauthenticated, Code::TokenExpired]);
    }
    if let Access::Needs(_) = door.access {
        codes.push(Code::AbilityMissing);
    }
    if door.parts().next().is_some() {
        codes.push(Code::NotFound);
    }
    if door.takes.presence != Presence::None {
        codes.extend([Code::MalformedBody, Code::BodyTimeout, Code::BodyTooLarge, Code::UnsupportedMediaType]);
    }
    Code::ALL.iter().copied().filter(|code| codes.contains(code)).collect()
}

/// One response for each status.
pub(super) fn responses(door: &Door) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes(door) {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), response(&codes))).collect()
}

fn response(codes: &[Code]) -> Value {
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let examples: Map<_, _> = codes
        .iter()
        .map(|code| (code.to_string(), json!({ "$ref": format!("#/components/examples/{code}") })))
        .collect();
    json!({
        "description": titles.join("; or: "),
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/RequestId" } },
        "content": {
            problem::MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" }, "examples": examples },
        },
    })
}

/// One problem of each code.
pub(super) fn examples() -> Map<String, Value> {
    let example = |code: &Code| (code.to_string(), json!({ "summary": code.title(), "value": sample(*code) }));
    Code::ALL.iter().map(example).collect()
}

fn sample(code: Code) -> Value {
    let error = match code {
        Code::ValidationFailed => Error::invalid_field("/name", "required", "must be given"),
        Code::MalformedBody => Error::new(code, "the body is not one JSON document in UTF-8; `errors` says where")
            .with_fields(vec![FieldFault::new("/name", "duplicate_key", "the same key again at byte 24")]),
        Code::RateLimited | Code::UpstreamUnavailable => Error::new(code, code.title()).retry_after_secs(30),
        _ => Error::new(code, code.title()),
    };
    serde_json::to_value(Problem::of(&error, "4bf92f3577b34da6a3ce929d0e0e4736")).unwrap_or_default()
}
