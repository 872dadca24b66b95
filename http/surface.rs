//! Surfaces: which paths speak whose language when they refuse.
//!
//! A surface owns the first part of its paths, also where no door is. From its [`Manners`] come the body and status of
//! every refusal, what each of its answers carries, and how the documentation shows that.
//!
//! To add one: implement [`Manners`] in the surface's own folder, and name it in [`FOREIGN`].
//!
//! Not here: what a door answers when all went well, which its own type says.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;
use stoa_core::{Code, Error};

use super::{problem, reach, teachbase};

/// How a surface speaks.
pub trait Manners: Sync {
    /// One word, for the log and for the names of the documentation's parts.
    fn name(&self) -> &'static str;

    /// First parts of the paths that are its own.
    fn roots(&self) -> &'static [&'static str];

    /// HTTP status of a refusal.
    fn status(&self, code: Code) -> u16 {
        code.status()
    }

    /// Media type of a refusal.
    fn media(&self) -> &'static str {
        "application/json"
    }

    /// Body of a refusal.
    fn refusal(&self, error: &Error, request_id: &str) -> Value;

    /// Schema of a refusal's body.
    fn shape(&self, schemas: &mut SchemaGenerator) -> Schema;

    /// Adds what every answer carries, a refusal too.
    fn finish(&self, request: &HttpRequest, headers: &mut HeaderMap) {
        let _ = (request, headers);
    }
}

/// Some surface's manners.
pub type Surface = &'static dyn Manners;

/// The house's own tongue, wherever no other is spoken.
const HOUSE: Surface = &problem::Problems;

/// Those who speak otherwise.
const FOREIGN: [Surface; 3] = [&reach::Reach, &teachbase::OAuth, &teachbase::Endpoint];

/// Finds whose path this is.
pub fn at(path: &str) -> Surface {
    let root = path.split('/').nth(1).unwrap_or_default();
    FOREIGN.into_iter().find(|surface| surface.roots().contains(&root)).unwrap_or(HOUSE)
}

/// Answers an error as the surface says it.
pub(super) fn respond(surface: Surface, error: &Error, request_id: &str) -> HttpResponse {
    if error.code().status() >= 500 {
        log(error);
    }
    let status = StatusCode::from_u16(surface.status(error.code())).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&surface.refusal(error, request_id)).unwrap_or_default();
    let mut response = HttpResponse::build(status).content_type(surface.media()).body(body);
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
        Code::Unauthenticated | Code::InvalidCredentials | Code::OtpRequired | Code::OtpInvalid => {
            Some(r#"Bearer realm="stoa""#)
        }
        Code::InvalidClient => Some(r#"Basic realm="stoa""#),
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
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_path_is_its_owners_also_where_no_door_is() {
        for path in ["/webhooks", "/webhooks/whk_1/nothing", "/learning-paths", "/users/"] {
            assert_eq!(at(path).name(), "reach", "{path}");
        }
        for path in ["/", "", "/api/webhooks", "/api/integrations/webhooks", "/webhook", "/webhooksx", "/livez"] {
            assert_eq!(at(path).name(), "house", "{path}");
        }
    }

    #[test]
    fn nobody_owns_what_belongs_to_another() {
        let mut owned = HashSet::new();
        for surface in FOREIGN {
            for root in surface.roots() {
                assert!(owned.insert(root), "{root} is owned twice");
                assert!(!HOUSE.roots().contains(root), "{root} is the house's");
            }
        }
    }

    /// Every code as each foreign surface says it.
    #[test]
    fn every_code_in_every_shape() {
        let lines = FOREIGN.into_iter().flat_map(|surface| {
            let says = move |code: &Code| {
                let body = surface.refusal(&Error::new(*code, "what was the matter"), "req-1");
                format!("{} {} {body}", surface.name(), surface.status(*code))
            };
            Code::ALL.iter().map(says)
        });
        insta::assert_snapshot!("every_code_in_every_shape", lines.collect::<Vec<_>>().join("\n"));
    }
}
