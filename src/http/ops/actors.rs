//! What the live things say of themselves.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use stoa_core::Result;

use crate::http::doors::{Data, Sample, Visit};

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

pub(super) async fn show(call: Visit) -> Result<Data<Cast>> {
    let seen = call.app.actors.observe().await;
    Ok(Data(Cast(seen.into_iter().map(|one| ActorView { actor: one.actor, state: one.state }).collect())))
}

impl Sample for Cast {
    fn sample() -> Self {
        Self(vec![ActorView { actor: "tenants", state: json!({ "actors": 3 }) }])
    }
}
