//! How this surface refuses, and the version that each of its answers names.
//!
//! # Source
//! access.articulate.com, "Reach 360: Introduction to Reach 360 API": `invalid_api_version` is a 400, and every answer
//! names the version used. The body `{"errors": [{"code", "message"}]}` is the one that its clients read.

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderValue},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Code, Error};

use super::version;
use crate::surface::Manners;

/// Reach 360's manners.
#[derive(Debug, Clone, Copy)]
pub struct Reach;

/// Every reason why a request was refused.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReachErrors")]
struct Refusal {
    /// At least one.
    errors: Vec<Reason>,
}

/// A reason.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReachError")]
struct Reason {
    /// Stable word for programs.
    code: &'static str,
    /// For people; begins with the name of the field at fault, if one is.
    message: String,
}

impl Manners for Reach {
    fn name(&self) -> &'static str {
        "reach"
    }

    fn roots(&self) -> &'static [&'static str] {
        &["webhooks", "users", "courses", "groups", "learning-paths", "reports"]
    }

    fn status(&self, code: Code) -> u16 {
        match code {
            Code::ValidationFailed | Code::UnsafeUrl => 400,
            other => other.status(),
        }
    }

    fn refusal(&self, error: &Error, _: &str) -> Value {
        let code = error.code().as_str();
        let mut errors: Vec<Reason> = error.fields().iter().map(|fault| Reason::of(code, fault)).collect();
        if errors.is_empty() {
            errors.push(Reason { code, message: error.outside().to_owned() });
        }
        serde_json::to_value(Refusal { errors }).unwrap_or_default()
    }

    fn shape(&self, schemas: &mut SchemaGenerator) -> Schema {
        schemas.subschema_for::<Refusal>()
    }

    fn finish(&self, request: &HttpRequest, headers: &mut HeaderMap) {
        let used = version::of(request).unwrap_or_default();
        headers.insert(version::HEADER, HeaderValue::from_static(used.as_str()));
    }
}

impl Reason {
    fn of(code: &'static str, fault: &stoa_core::FieldFault) -> Self {
        let name = fault.pointer.trim_start_matches(['/', '?']);
        let message = if name.is_empty() { fault.detail.clone() } else { format!("{name}: {}", fault.detail) };
        Self { code, message }
    }
}
