//! The OpenAPI document: the doors, written down. Made once from them, so that it cannot drift.
//!
//! # Source
//! OpenAPI Specification 3.1; JSON Schema 2020-12.

mod errors;
mod operation;
mod schemas;

use std::{marker::PhantomData, sync::LazyLock};

use actix_web::{HttpResponse, web::Bytes};
use schemars::{Schema, SchemaGenerator, json_schema};
use schemas::Schemas;
use serde_json::{Map, Value, json};
use stoa_core::{Error, Result};

use super::doors::{Door, Doors, Public, Reply, Visit, Wire};

const TAG: &str = "Documentation";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/openapi.json", json).named("getOpenApiJson", TAG, "Answers this document as JSON"),
        Door::get("/api/openapi.yaml", yaml).named("getOpenApiYaml", TAG, "Answers this document as YAML"),
    ]
}

static DOCUMENTS: LazyLock<Result<Documents, String>> =
    LazyLock::new(|| Documents::of(&document(&super::doors())).map_err(|error| error.to_string()));

struct Documents {
    json: Bytes,
    yaml: Bytes,
}

impl Documents {
    fn of(document: &Value) -> anyhow::Result<Self> {
        let json = serde_json::to_string_pretty(document)?;
        let yaml = serde_saphyr::to_string(document)?;
        Ok(Self { json: json.into(), yaml: yaml.into() })
    }
}

/// A way to write the document.
trait Form: 'static {
    const MEDIA: &'static str;
    fn pick(documents: &Documents) -> &Bytes;
}

struct Json;
struct Yaml;

impl Form for Json {
    const MEDIA: &'static str = "application/json";
    fn pick(documents: &Documents) -> &Bytes {
        &documents.json
    }
}

impl Form for Yaml {
    const MEDIA: &'static str = "application/yaml";
    fn pick(documents: &Documents) -> &Bytes {
        &documents.yaml
    }
}

/// The document in a form.
struct Document<F>(Bytes, PhantomData<F>);

impl<F: Form> Document<F> {
    fn get() -> Result<Public<Self>> {
        match &*DOCUMENTS {
            Ok(documents) => Ok(Public(Self(F::pick(documents).clone(), PhantomData))),
            Err(error) => Err(Error::internal(anyhow::anyhow!("the OpenAPI document: {error}"))),
        }
    }
}

async fn json(_: Visit) -> Result<Public<Document<Json>>> {
    Document::get()
}

async fn yaml(_: Visit) -> Result<Public<Document<Yaml>>> {
    Document::get()
}

impl<F: Form> Reply for Document<F> {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = F::MEDIA;

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({
            "type": "object",
            "required": ["openapi", "info"],
            "properties": { "openapi": { "type": "string" }, "info": { "type": "object" } },
        }))
    }

    fn example(_: &str) -> Option<Value> {
        Some(json!({ "openapi": "3.1.0", "info": { "title": "Stoa", "version": env!("CARGO_PKG_VERSION") } }))
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        Ok(HttpResponse::Ok().content_type(F::MEDIA).body(self.0))
    }
}

/// Writes the document.
pub fn document(doors: &Doors) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    let mut tags: Vec<&str> = Vec::new();
    for door in doors.list() {
        if !tags.contains(&door.tag) {
            tags.push(door.tag);
        }
        let operation = operation::of(door, &mut schemas);
        if let Value::Object(methods) = paths.entry(door.path).or_insert_with(|| json!({})) {
            methods.insert(door.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    let mut document = frame(&tags, &paths, &errors::components(doors, &mut schemas.given));
    schemas.settle(&mut document);
    document
}

fn frame(tags: &[&str], paths: &Map<String, Value>, responses: &Map<String, Value>) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stoa",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "license": { "name": "Proprietary", "identifier": "LicenseRef-Proprietary" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags.iter().map(|tag| json!({ "name": tag, "description": chapter(tag) })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session from a sign-in, or a token of an integration",
                },
                "staff": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of the platform's staff, made by `stoa staff add`",
                },
            },
            "headers": {
                "RequestId": {
                    "description": "Names the request: the caller's own X-Request-Id if it was a plain word, else one of ours",
                    "schema": { "type": "string" },
                },
                "RateLimitPolicy": {
                    "description": "The limits that the request counts against: a quota `q` in a window of `w` seconds each",
                    "schema": { "type": "string" },
                },
                "RateLimit": {
                    "description": "What is left of each: `r` requests, and all of them or the next one in `t` seconds",
                    "schema": { "type": "string" },
                },
                "RetryAfter": {
                    "description": "Seconds after which another try makes sense",
                    "schema": { "type": "integer" },
                },
            },
            "parameters": {
                "IdempotencyKey": {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "required": false,
                    "description": "Names the request, so that it can be sent again when its answer was lost: within a day the \
                        same request under the same key is not done again but answered as before, with \
                        Idempotency-Replayed: true",
                    "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
                },
            },
            "schemas": {},
            "responses": responses,
        },
    })
}

/// What a chapter is about.
fn chapter(tag: &str) -> &'static str {
    match tag {
        "Authentication" => "Sessions of people, and who holds a token",
        "Tokens" => "Tokens of integrations, which belong to the institution",
        "Applications" => "Programs that take short-lived tokens by OAuth's client credentials",
        "Teachbase" => "What clients of Teachbase call: the token endpoint and the six statistics",
        "Institutions" => "The customer",
        "Invitations" => "People asked by a letter to join, and joining by it",
        "Members" => "People of the institution and their roles",
        "Imports" => "Files of people, planned and applied",
        "Exports" => "Files of the record, made on demand",
        "Content" => "Courses, their lessons, the lessons' trainings and the items of these",
        "Public catalogue" => "Published courses, for everybody",
        "Enrolments" => "Who learns on which course",
        "Groups" => "People who are put on courses together",
        "Learning paths" => "Several courses, one after the other",
        "Reach 360" => "The surface that clients of Reach 360 know, at its own paths and with its own manners",
        "Progress" => "What learners do, as it happens",
        "Experience API" => "Learners' activity as statements of xAPI",
        "Learning record" => "Where learners stand, and what they did on which day",
        "Gamification" => "Points, streaks, achievements and leaderboards",
        "Webhooks" => "Receivers of events, and what was sent to them",
        "Events" => "What happened: the feed to catch up with, and every type with its schema and samples",
        "Subscription requests" => "What support is asked to subscribe, and what became of it",
        "Audit log" => "What was done in the institution, and by whom",
        "Privacy" => "What is held of a person, and erasing him",
        "Reports" => "Figures that are sent by letter, week by week or month by month",
        "Letters" => "What was written to whom, and what became of it",
        "Support" => "For the platform's staff: requests of all institutions, and subscriptions on their behalf",
        "Pages" => "Where links in letters lead, for whoever has no pages of an own",
        "Documentation" => "This document",
        _ => "",
    }
}

const INTRODUCTION: &str = "\
What an institution's systems may ask of Stoa, and tell it.

An answer holds what was asked for under `data`; a list has `links` and `meta` beside it. Times are RFC 3339 with an \
offset. Ids have a prefix that tells their kind; where an id of the institution's own is known, `external_id:` and \
that id does as well.

A refusal is a problem of RFC 9457 with a stable `code`; each field at fault stands in `errors`. An id that does not \
exist and one of another institution are the same 404.";

#[cfg(test)]
mod tests;
