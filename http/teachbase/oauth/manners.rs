//! How the token endpoint refuses.
//!
//! # Shape
//! `{"error": "invalid_client", "error_description": "…"}`, 400 but for `invalid_client`, which is a 401.
//!
//! # Source
//! RFC 6749 section 5.2 for the words, the statuses and the letters of the description; RFC 9110 section 5.5 and
//! RFC 6749 section 5.1 for `Pragma`, which goes with `Cache-Control: no-store`.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderValue},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Code, Error};

use crate::{surface::Manners, teachbase::manners::words};

/// Manners of the token endpoint.
#[derive(Debug, Clone, Copy)]
pub struct OAuth;

/// A refusal.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OAuthError")]
struct Refusal {
    /// Stable word for programs.
    error: &'static str,
    /// For people.
    error_description: String,
}

impl Manners for OAuth {
    fn name(&self) -> &'static str {
        "oauth"
    }

    fn roots(&self) -> &'static [&'static str] {
        &["oauth"]
    }

    fn status(&self, code: Code) -> u16 {
        if is_bad_request(code) { 400 } else { code.status() }
    }

    fn refusal(&self, error: &Error, _: &str) -> Value {
        let description = match error.fields() {
            [] => error.outside().to_owned(),
            faults => faults.iter().map(words).collect::<Vec<_>>().join("; "),
        };
        let word = if is_bad_request(error.code()) { "invalid_request" } else { error.code().as_str() };
        serde_json::to_value(Refusal { error: word, error_description: plain(&description) }).unwrap_or_default()
    }

    fn shape(&self, schemas: &mut SchemaGenerator) -> Schema {
        schemas.subschema_for::<Refusal>()
    }

    fn finish(&self, _: &HttpRequest, headers: &mut HeaderMap) {
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    }
}

/// The client built the request wrongly, whoever it is.
const fn is_bad_request(code: Code) -> bool {
    matches!(code, Code::ValidationFailed | Code::MalformedBody | Code::UnsupportedMediaType)
}

/// A description has no quotes, no backslash and nothing beyond ASCII.
fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        '"' | '\\' => '\'',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_only_the_letters_that_it_may_have() {
        let error = Error::invalid_field("/scope\"\\", "value", "wanted one of «имя»\n");
        let refusal = OAuth.refusal(&error, "");
        assert_eq!(refusal["error"], "invalid_request");
        assert_eq!(refusal["error_description"], "scope'': wanted one of ??????");
    }
}
