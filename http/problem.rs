//! Errors on the wire: `application/problem+json`.
//!
//! Only the outside of an error is written; its inside goes to the log, and only when the fault is ours.
//!
//! # Source
//! RFC 9457; `code`, `errors` and `retry_after` are extension members (section 3.2).

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Error, FieldFault};

use super::surface::Manners;

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The kind of problem that a passed limit is, to every server (draft-ietf-httpapi-ratelimit-headers-10, section 7.1).
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// A refusal or a failure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// Names the kind of problem: `/problems/` and the code, or the name that it has everywhere.
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
    /// Names of the limits that were passed, as `RateLimit-Policy` has them.
    #[serde(rename = "violated-policies", skip_serializing_if = "Vec::is_empty")]
    violated_policies: Vec<&'static str>,
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
            kind: match error.violated() {
                [] => format!("/problems/{code}"),
                _ => QUOTA_EXCEEDED.to_owned(),
            },
            title: code.title(),
            status: code.status(),
            detail: error.outside().to_owned(),
            instance: format!("urn:request:{request_id}"),
            code: code.as_str(),
            errors: error.fields().iter().map(ProblemField::from).collect(),
            violated_policies: error.violated().to_vec(),
            retry_after: error.retry_after(),
        }
    }
}

/// The manners of the house: a problem for every refusal.
#[derive(Debug, Clone, Copy)]
pub struct Problems;

impl Manners for Problems {
    fn name(&self) -> &'static str {
        "house"
    }

    fn roots(&self) -> &'static [&'static str] {
        &["api", "ops", "livez", "readyz", "metrics"]
    }

    fn media(&self) -> &'static str {
        MEDIA_TYPE
    }

    fn refusal(&self, error: &Error, request_id: &str) -> Value {
        serde_json::to_value(Problem::of(error, request_id)).unwrap_or_default()
    }

    fn shape(&self, schemas: &mut SchemaGenerator) -> Schema {
        schemas.subschema_for::<Problem>()
    }
}

#[cfg(test)]
mod tests {
    use stoa_core::Code;

    use super::*;

    #[test]
    #[expect(clippy::too_many_lines, reason = "a line for each code")]
    fn every_code() {
        let problems: Vec<_> = Code::ALL
            .iter()
            .map(|code| Problem::of(&Error::new(*code, "what was the matter"), "req-1"))
            .map(|problem| format!("{} {} {} | {}", problem.status, problem.code, problem.kind, problem.title))
            .collect();
        insta::assert_snapshot!(problems.join("\n"), @r"
        400 malformed_body /problems/malformed_body | The body is not what it says it is
        400 invalid_api_version /problems/invalid_api_version | No such version of the API
        400 invalid_statement /problems/invalid_statement | The statement cannot be counted
        400 invalid_grant /problems/invalid_grant | The grant is not valid
        400 unsupported_grant_type /problems/unsupported_grant_type | No such type of grant here
        400 invalid_scope /problems/invalid_scope | The application has not these scopes
        401 invalid_client /problems/invalid_client | Wrong client id or secret
        400 invalid_idempotency_key /problems/invalid_idempotency_key | The Idempotency-Key cannot be read
        401 unauthenticated /problems/unauthenticated | Missing or invalid credentials
        401 invalid_credentials /problems/invalid_credentials | Wrong e-mail address or password
        401 otp_required /problems/otp_required | A one-time password is wanted too
        401 otp_invalid /problems/otp_invalid | Wrong one-time password
        401 token_expired /problems/token_expired | The token has expired
        403 ability_missing /problems/ability_missing | The token lacks an ability
        403 address_not_allowed /problems/address_not_allowed | The token may not be used from this address
        403 wrong_account /problems/wrong_account | The token is of another account
        403 second_factor_required /problems/second_factor_required | A second factor has to be set up first
        403 tenant_suspended /problems/tenant_suspended | The institution is suspended or closed
        403 session_required /problems/session_required | Only a person who has signed in may do this
        404 not_found /problems/not_found | Not found
        404 webhook_not_found /problems/webhook_not_found | No such webhook
        404 course_not_found /problems/course_not_found | No such course
        404 user_not_found /problems/user_not_found | No such user
        404 group_not_found /problems/group_not_found | No such group
        404 learning_path_not_found /problems/learning_path_not_found | No such learning path
        404 not_enrolled /problems/not_enrolled | The learner is not enrolled
        404 invitation_not_found /problems/invitation_not_found | No such invitation
        405 method_not_allowed /problems/method_not_allowed | Method not allowed here
        406 not_acceptable /problems/not_acceptable | No acceptable representation
        408 body_timeout /problems/body_timeout | The body did not arrive in time
        409 conflict /problems/conflict | Conflict with the present state
        409 upload_in_progress /problems/upload_in_progress | Another file of the institution is being uploaded
        409 seats_exceeded /problems/seats_exceeded | No seat is left
        409 stale_plan /problems/stale_plan | People changed since the plan was made
        409 already_member /problems/already_member | The person is a member already
        409 duplicate_target_url /problems/duplicate_target_url | Another webhook already uses this address
        409 webhook_disabled /problems/webhook_disabled | The webhook is disabled
        409 export_not_ready /problems/export_not_ready | The export has no file yet
        409 erasure_blocked /problems/erasure_blocked | The person may not be erased
        409 idempotency_in_progress /problems/idempotency_in_progress | A request with this Idempotency-Key is being served
        410 import_file_expired /problems/import_file_expired | The file of the import is no longer kept
        410 invitation_expired /problems/invitation_expired | The invitation has expired
        410 invitation_revoked /problems/invitation_revoked | The invitation was taken back
        410 invitation_accepted /problems/invitation_accepted | The invitation was accepted already
        410 password_reset_invalid /problems/password_reset_invalid | The way to a new password works no more
        410 cursor_expired /problems/cursor_expired | The event is no longer kept
        410 export_expired /problems/export_expired | The file of the export is no longer kept
        412 precondition_failed /problems/precondition_failed | It has changed since
        413 body_too_large /problems/body_too_large | The body is too large
        415 unsupported_media_type /problems/unsupported_media_type | The body's media type is not supported
        416 range_not_satisfiable /problems/range_not_satisfiable | No such part of the file
        422 validation_failed /problems/validation_failed | The request is not valid
        422 idempotency_mismatch /problems/idempotency_mismatch | The Idempotency-Key was used for another request
        422 unreadable_file /problems/unreadable_file | The file cannot be read
        422 subject_required /problems/subject_required | A learner has to be named
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
