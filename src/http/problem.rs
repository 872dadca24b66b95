//! Errors on the wire: `application/problem+json`.
//!
//! Only the outside of an error is written; its inside goes to the log, and only when the fault is ours.
//!
//! # Source
//! RFC 9457; `code`, `errors` and `retry_after` are extension members (section 3.2).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Code, Error, FieldFault};

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A refusal or a failure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// Names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What the kind is called; the same for every occurrence.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What was the matter this time.
    detail: String,
    /// This occurrence: `urn:request:` and the id of the request, which names it in the server's log.
    instance: String,
    /// Stable word for programs.
    code: &'static str,
    /// Every field at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField>,
    /// Seconds after which another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

/// A field at fault.
#[derive(Debug, Serialize, JsonSchema)]
struct ProblemField {
    /// JSON Pointer into the body, or `?` and the name of a query parameter.
    pointer: String,
    /// Stable word for programs.
    code: &'static str,
    /// What is wanted.
    detail: String,
}

impl From<&FieldFault> for ProblemField {
    fn from(fault: &FieldFault) -> Self {
        Self { pointer: fault.pointer.clone(), code: fault.code, detail: fault.detail.clone() }
    }
}

impl Problem {
    /// Writes an error down for the outside.
    pub fn of(error: &Error, request_id: &str) -> Self {
        let code = error.code();
        Self {
            kind: format!("/problems/{code}"),
            title: code.title(),
            status: code.status(),
            detail: error.outside().to_owned(),
            instance: format!("urn:request:{request_id}"),
            code: code.as_str(),
            errors: error.fields().iter().map(ProblemField::from).collect(),
            retry_after: error.retry_after(),
        }
    }
}

/// Answers an error.
pub fn respond(error: &Error, request_id: &str) -> HttpResponse {
    if error.code().status() >= 500 {
        log(error);
    }
    let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&Problem::of(error, request_id)).unwrap_or_default();
    let mut response = HttpResponse::build(status).content_type(MEDIA_TYPE).body(body);
    if let Some(secs) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    if let Some(challenge) = challenge(error.code()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// RFC 6750 section 3: an error is named only to who showed a token.
const fn challenge(code: Code) -> Option<&'static str> {
    match code {
        // A 401 must carry one (RFC 9110 section 15.5.2), also where the credentials stood in the body.
        Code::Unauthenticated | Code::InvalidCredentials => Some(r#"Bearer realm="stoa""#),
        Code::TokenExpired => {
            Some(r#"Bearer realm="stoa", error="invalid_token", error_description="The token has expired""#)
        }
        Code::AbilityMissing => Some(r#"Bearer realm="stoa", error="insufficient_scope""#),
        _ => None,
    }
}

fn log(error: &Error) {
    let code = error.code().as_str();
    match error.inside() {
        Some(inside) if error.code() == Code::Internal => tracing::error!(code, "request failed: {inside:#}"),
        Some(inside) => tracing::warn!(code, "request failed: {inside:#}"),
        None => tracing::warn!(code, "request failed: {}", error.outside()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code() {
        let problems: Vec<_> = Code::ALL
            .iter()
            .map(|code| Problem::of(&Error::new(*code, "what was the matter"), "req-1"))
            .map(|problem| format!("{} {} {} | {}", problem.status, problem.code, problem.kind, problem.title))
            .collect();
        insta::assert_snapshot!(problems.join("\n"), @r"
        400 malformed_body /problems/malformed_body | The body is not what it says it is
        401 unauthenticated /problems/unauthenticated | Missing or invalid credentials
        401 invalid_credentials /problems/invalid_credentials | Wrong e-mail address or password
        401 token_expired /problems/token_expired | The token has expired
        403 ability_missing /problems/ability_missing | The token lacks an ability
        404 not_found /problems/not_found | Not found
        404 webhook_not_found /problems/webhook_not_found | No such webhook
        404 not_enrolled /problems/not_enrolled | The learner is not enrolled
        405 method_not_allowed /problems/method_not_allowed | Method not allowed here
        406 not_acceptable /problems/not_acceptable | No acceptable representation
        408 body_timeout /problems/body_timeout | The body did not arrive in time
        409 conflict /problems/conflict | Conflict with the present state
        409 duplicate_target_url /problems/duplicate_target_url | Another webhook already uses this address
        409 webhook_disabled /problems/webhook_disabled | The webhook is disabled
        413 body_too_large /problems/body_too_large | The body is too large
        415 unsupported_media_type /problems/unsupported_media_type | The body's media type is not supported
        422 validation_failed /problems/validation_failed | The request is not valid
        422 unsafe_url /problems/unsafe_url | The address may not be called
        429 rate_limited /problems/rate_limited | Too many requests
        500 internal /problems/internal | Internal error
        503 upstream_unavailable /problems/upstream_unavailable | Temporarily unavailable
        ");
    }

    #[test]
    fn the_whole_of_one() {
        let error = Error::invalid_field("/email", "required", "must be given").retry_after_secs(30);
        insta::assert_json_snapshot!(Problem::of(&error, "req-1"), @r#"
        {
          "type": "/problems/validation_failed",
          "title": "The request is not valid",
          "status": 422,
          "detail": "the request is not valid; `errors` names each field",
          "instance": "urn:request:req-1",
          "code": "validation_failed",
          "errors": [
            {
              "pointer": "/email",
              "code": "required",
              "detail": "must be given"
            }
          ],
          "retry_after": 30
        }
        "#);
    }

    #[test]
    fn the_inside_stays_inside() {
        let error = Error::internal(anyhow::anyhow!("relation \"tokens\" does not exist"));
        let problem = serde_json::to_string(&Problem::of(&error, "req-1")).unwrap();
        assert!(!problem.contains("tokens"), "{problem}");
    }
}
