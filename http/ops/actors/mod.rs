//! What the live things say of themselves, for programs and for eyes.

mod text;

use actix_web::HttpResponse;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::Result;

use crate::doors::{Data, NoPath, Reply, Sample, Visit, Wire};

/// How it is shown.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Look {
    /// `text` for eyes, as is `Accept: text/plain`; `json` otherwise.
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ActorsFormat")]
enum Format {
    Json,
    Text,
}

/// One of the cast.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Actor")]
pub(super) struct ActorView {
    /// Its name.
    actor: &'static str,
    /// What there is to see.
    state: Value,
}

/// The cast of this node.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Cast(Vec<ActorView>);

/// The cast, for programs or for eyes.
#[derive(Debug)]
pub(super) struct Shown {
    cast: Cast,
    for_eyes: bool,
}

pub(super) async fn show(call: Visit<NoPath, Look>) -> Result<Shown> {
    let seen = call.app.actors.observe().await;
    let cast = Cast(seen.into_iter().map(|one| ActorView { actor: one.actor, state: one.state }).collect());
    let for_eyes = match call.query.format {
        Some(format) => format == Format::Text,
        None => call.accept.is_some_and(|accept| accept.starts_with("text/plain")),
    };
    Ok(Shown { cast, for_eyes })
}

impl Reply for Shown {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Data::<Cast>::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        Data::<Cast>::example(path)
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        if self.for_eyes {
            let text = text::of(self.cast.0.iter().map(|one| (one.actor, &one.state)));
            return Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text));
        }
        Data(self.cast).write(wire)
    }
}

impl Sample for Cast {
    fn sample() -> Self {
        Self(vec![ActorView { actor: "tenants", state: json!({ "tenants": 3, "spawned": 4, "busiest": [] }) }])
    }
}
