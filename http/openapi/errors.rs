//! What a door may answer when not all went well: its own codes, and those of every door of its kind.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use stoa_core::{Code, Error, FieldFault, tokens::RateClass};

use crate::{
    body::Presence,
    doors::{Access, Door, Doors},
    surface::Surface,
};

/// Every code that a door may answer, in the order of the documentation.
pub(super) fn codes(door: &Door) -> Vec<Code> {
    let mut codes = door.errors.to_vec();
    codes.extend([Code::ValidationFailed, Code::Internal, Code::UpstreamUnavailable]);
    if door.access != Access::Public {
        codes.extend([Code::Unauthenticated, Code::TokenExpired]);
    }
    if door.access.ability().is_some() || door.access.role().is_some() {
        codes.push(Code::AbilityMissing);
    }
    if door.access.admits_institutions() {
        codes.extend([Code::TenantSuspended, Code::AddressNotAllowed]);
    }
    if door.access != Access::Public || door.class == RateClass::Auth {
        codes.push(Code::RateLimited);
    }
    if door.parts().next().is_some() {
        codes.push(Code::NotFound);
    }
    if door.takes_idempotency_key() {
        codes.extend([Code::InvalidIdempotencyKey, Code::IdempotencyInProgress, Code::IdempotencyMismatch]);
    }
    if door.takes.presence != Presence::None {
        codes.extend([Code::MalformedBody, Code::BodyTimeout, Code::BodyTooLarge, Code::UnsupportedMediaType]);
    }
    Code::ALL.iter().copied().filter(|code| codes.contains(code)).collect()
}

/// One response for each status; each stands once among the document's components.
pub(super) fn responses(door: &Door) -> Map<String, Value> {
    let surface = door.surface();
    let reference = |codes: &[Code]| json!({ "$ref": format!("#/components/responses/{}", name(surface, codes)) });
    by_status(door).into_iter().map(|(status, codes)| (status.to_string(), reference(&codes))).collect()
}

/// Every response that some door refers to.
pub(super) fn components(doors: &Doors, schemas: &mut SchemaGenerator) -> Map<String, Value> {
    let all = doors.list().iter().flat_map(|door| by_status(door).into_values().map(|codes| (door.surface(), codes)));
    let mut components = BTreeMap::new();
    for (surface, codes) in all {
        components.entry(name(surface, &codes)).or_insert_with(|| response(surface, &codes, schemas));
    }
    components.into_iter().collect()
}

fn by_status(door: &Door) -> BTreeMap<u16, Vec<Code>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes(door) {
        by_status.entry(door.surface().status(code)).or_default().push(code);
    }
    by_status
}

/// The house's own are not marked.
fn name(surface: Surface, codes: &[Code]) -> String {
    let owner = Some(surface.name()).filter(|name| *name != "house");
    owner.into_iter().chain(codes.iter().map(|code| code.as_str())).collect::<Vec<_>>().join("-")
}

fn response(surface: Surface, codes: &[Code], schemas: &mut SchemaGenerator) -> Value {
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let examples: Map<_, _> =
        codes.iter().map(|code| (code.to_string(), json!({ "value": sample(surface, *code) }))).collect();
    let request_id = json!({ "$ref": "#/components/headers/RequestId" });
    let waits = codes.iter().any(|code| matches!(code.status(), 429 | 503));
    let limited = codes.contains(&Code::RateLimited);
    let named = [
        (waits, "Retry-After", "RetryAfter"),
        (limited, "RateLimit", "RateLimit"),
        (limited, "RateLimit-Policy", "RateLimitPolicy"),
    ];
    let named = named
        .into_iter()
        .filter(|(is_sent, ..)| *is_sent)
        .map(|(_, name, component)| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{component}") })));
    let headers: Map<_, _> = std::iter::once(("X-Request-Id".to_owned(), request_id)).chain(named).collect();
    json!({
        "description": titles.join("; or: "),
        "headers": headers,
        "content": {
            surface.media(): { "schema": surface.shape(schemas), "examples": examples },
        },
    })
}

fn sample(surface: Surface, code: Code) -> Value {
    let error = match code {
        Code::ValidationFailed => Error::invalid_field("/name", "required", "must be given"),
        Code::MalformedBody => Error::new(code, "the body is not one JSON document in UTF-8; `errors` says where")
            .with_fields(vec![FieldFault::new("/name", "duplicate_key", "the same key again at byte 24")]),
        Code::RateLimited => Error::new(code, code.title()).violating(vec!["write"]).retry_after_secs(30),
        Code::UpstreamUnavailable => Error::new(code, code.title()).retry_after_secs(30),
        _ => Error::new(code, code.title()),
    };
    surface.refusal(&error, "4bf92f3577b34da6a3ce929d0e0e4736")
}
