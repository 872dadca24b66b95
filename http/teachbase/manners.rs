//! How `/endpoint/v1` refuses.
//!
//! # Shape
//! `{"errors": ["text", …]}` where parameters are at fault, `{"error": "text"}` otherwise.
//!
//! # Source
//! `vansilich/teachbase-sdk`, which reads both.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Error, FieldFault};

use crate::surface::Manners;

/// Manners of Teachbase's API.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint;

/// A refusal: one reason, or one for each parameter at fault.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EndpointError")]
enum Refusal {
    /// For people.
    Error(String),
    /// For people; each begins with the name of a parameter.
    Errors(Vec<String>),
}

impl Manners for Endpoint {
    fn name(&self) -> &'static str {
        "endpoint"
    }

    fn roots(&self) -> &'static [&'static str] {
        &["endpoint"]
    }

    fn refusal(&self, error: &Error, _: &str) -> Value {
        let refusal = match error.fields() {
            [] => Refusal::Error(error.outside().to_owned()),
            faults => Refusal::Errors(faults.iter().map(words).collect()),
        };
        serde_json::to_value(refusal).unwrap_or_default()
    }

    fn shape(&self, schemas: &mut SchemaGenerator) -> Schema {
        schemas.subschema_for::<Refusal>()
    }
}

/// A fault of a parameter, in words.
pub(super) fn words(fault: &FieldFault) -> String {
    match fault.pointer.trim_start_matches(['/', '?']) {
        "" => fault.detail.clone(),
        name => format!("{name}: {}", fault.detail),
    }
}
