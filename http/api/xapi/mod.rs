//! The way in for statements of the Experience API.
//!
//! A request counts whole or not at all, as far as can be told beforehand: every statement is read, its learner and its
//! activity are found, and its id is compared with what came before, and only then is anything counted. What the road
//! alone can say, such as that a learner was taken off a course, refuses the statement in its place; the others count,
//! and the same request sent again counts them no second time.
//!
//! # Source
//! xAPI 1.0.3, Communication: 2.1.2 (POST statements), 3.2 (errors), 3.3 (versions); IEEE 9274.1.1.

mod intake;
mod version;

use intake::Intake;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};
use stoa_core::{Ability, Code, Error, Result};
use stoa_protocols::xapi::Version;
use version::Speaking;

use crate::{
    body::Body,
    doors::{Call, Door, NoPath, NoQuery, Reply, Visit, Wire},
};

const TAG: &str = "Experience API";
/// Most statements of a request.
const STATEMENTS_MAX: usize = 500;
const VERSION_HEADER: &str = "X-Experience-API-Version";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/xapi/statements", take)
            .needs(Ability::ProgressWrite)
            .named(
                "postXapiStatements",
                TAG,
                "Takes one statement or up to 500 of xAPI 1.0.3 or 2.0 in; each counts once by its id. Answers the ids",
            )
            .errors(&[Code::InvalidStatement, Code::Conflict, Code::UpstreamUnavailable]),
        Door::get("/api/xapi/about", about).named("aboutXapi", TAG, "Tells the versions of xAPI that are spoken"),
    ]
}

/// One statement, or several in the order in which they count.
#[derive(Debug)]
struct Statements(Vec<Value>, bool);

impl<'de> Deserialize<'de> for Statements {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let value: Value = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
        Ok(match value {
            Value::Array(all) => Self(all, true),
            one => Self(vec![one], false),
        })
    }
}

impl JsonSchema for Statements {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "XapiStatements".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "One statement, or up to 500, as the specification writes them.",
            "oneOf": [{ "type": "object" }, { "type": "array", "items": { "type": "object" }, "maxItems": 500 }],
        })
    }
}

impl Body for Statements {
    fn example() -> Value {
        json!({
            "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0",
            "timestamp": "2026-11-21T09:00:00.123Z",
            "actor": { "mbox": "mailto:ada@school.example" },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/passed" },
            "object": { "id": "https://school.example/courses/en-b1/1" },
            "result": { "success": true, "score": { "scaled": 0.85 }, "duration": "PT15M" },
        })
    }
}

/// Ids of statements, in order.
struct Ids {
    version: Version,
    ids: Vec<String>,
}

/// The versions that are spoken.
#[derive(Serialize)]
struct About {
    version: [&'static str; 2],
}

async fn take(call: Call<NoPath, NoQuery, Statements, Speaking>) -> Result<Ids> {
    let Statements(given, is_many) = call.body;
    if given.len() > STATEMENTS_MAX {
        let words = format!("wanted at most {STATEMENTS_MAX} statements");
        return Err(Error::new(Code::InvalidStatement, words));
    }
    let Speaking { scope, version } = call.scope;
    let version = version
        .ok_or_else(|| Error::new(Code::InvalidStatement, format!("wanted {VERSION_HEADER}: 1.0.3 or 2.0.0")))?;
    let intake = Intake { app: &call.app, scope: &scope, is_many };
    Ok(Ids { version, ids: intake.take(given).await? })
}

async fn about(_: Visit) -> Result<About> {
    Ok(About { version: Version::ALL })
}

impl Reply for Ids {
    const STATUS: u16 = 200;

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(schemars::json_schema!({ "type": "array", "items": { "type": "string", "format": "uuid" } }))
    }

    fn example(_: &str) -> Option<Value> {
        Some(json!(["fd41c918-b88b-4b20-a0a5-a4c32391aaa0"]))
    }

    fn write(self, _: &Wire) -> Result<actix_web::HttpResponse> {
        Ok(actix_web::HttpResponse::Ok().insert_header((VERSION_HEADER, self.version.as_str())).json(self.ids))
    }
}

impl Reply for About {
    const STATUS: u16 = 200;

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(schemars::json_schema!({
            "type": "object",
            "properties": { "version": { "type": "array", "items": { "type": "string" } } },
            "required": ["version"],
        }))
    }

    fn example(_: &str) -> Option<Value> {
        Some(json!({ "version": Version::ALL }))
    }

    fn write(self, _: &Wire) -> Result<actix_web::HttpResponse> {
        Ok(actix_web::HttpResponse::Ok().insert_header((VERSION_HEADER, Version::V2.as_str())).json(self))
    }
}
