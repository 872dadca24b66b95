//! What a client shows, in whichever of the four places: HTTP Basic, a form, JSON, the query.
//!
//! # Rule
//! A parameter may stand in several places if it is the same in all of them. What is not known is ignored (RFC 6749
//! section 3.2).

use actix_web::http::header;
use base64::{Engine, prelude::BASE64_STANDARD};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, Result};

use crate::{
    body::Body,
    doors::{Access, Admits, Arrival},
    query::decoded,
};

/// Longest credential that is looked at, in bytes.
const CREDENTIAL_MAX: usize = 255;

/// What an application asks for.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "TokenRequest")]
pub(super) struct Wanted {
    /// `client_credentials`
    grant_type: Option<String>,
    /// The application's id.
    client_id: Option<String>,
    /// The application's secret.
    client_secret: Option<String>,
    /// Abilities, a space between them; all that the application has, if left out or `public`.
    scope: Option<String>,
}

impl Body for Wanted {
    const FORM: bool = true;

    fn example() -> Value {
        json!({ "grant_type": "client_credentials", "client_id": "stoa_c_…", "client_secret": "stoa_k_…", "scope": "public" })
    }
}

/// Credentials in the header `Authorization`, if they stand there.
#[derive(Default)]
pub(super) struct Basic(Option<(String, String)>);

impl Admits for Basic {
    const ACCESS: Access = Access::Public;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        let mut given = arrival.request.headers().get_all(header::AUTHORIZATION);
        match (given.next(), given.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => {
                value.to_str().ok().and_then(credentials).map(|both| Self(Some(both))).ok_or_else(unknown)
            }
            (Some(_), Some(_)) => Err(unknown()),
        }
    }

    fn may(&self, _: Ability) -> bool {
        false
    }
}

/// Reads RFC 6749 section 2.3.1: both halves are escaped like a form's before they are joined.
fn credentials(value: &str) -> Option<(String, String)> {
    let (scheme, both) = value.split_once(' ')?;
    let both = BASE64_STANDARD.decode(both.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (id, secret) = std::str::from_utf8(&both).ok()?.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

/// A request with each parameter once.
pub(super) struct Asked {
    pub(super) grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: String,
}

impl Asked {
    /// Takes the places together.
    ///
    /// # Errors
    /// `validation_failed` for a parameter that two places say differently, or without a type of grant.
    pub(super) fn of(Basic(basic): Basic, query: Wanted, body: Wanted) -> Result<Self> {
        let (id, secret) = basic.unzip();
        let grant_type = one("grant_type", [query.grant_type, body.grant_type, None])?;
        Ok(Self {
            grant_type: grant_type
                .ok_or_else(|| Error::invalid_field("", "required", "Missing required parameter: grant_type."))?,
            client_id: one("client_id", [id, query.client_id, body.client_id])?,
            client_secret: one("client_secret", [secret, query.client_secret, body.client_secret])?,
            scope: one("scope", [query.scope, body.scope, None])?.unwrap_or_default(),
        })
    }

    /// The client's id and secret.
    ///
    /// # Errors
    /// `invalid_client` without both.
    pub(super) fn credentials(&self) -> Result<(&str, &str)> {
        let both = self.client_id.as_deref().zip(self.client_secret.as_deref());
        both.filter(|(id, secret)| id.len().max(secret.len()) <= CREDENTIAL_MAX).ok_or_else(unknown)
    }

    /// The scopes by name; none when none is named.
    pub(super) fn scopes(&self) -> Vec<&str> {
        self.scope.split_ascii_whitespace().collect()
    }
}

fn one(name: &'static str, places: [Option<String>; 3]) -> Result<Option<String>> {
    let mut given = places.into_iter().flatten().filter(|text| !text.is_empty());
    let Some(first) = given.next() else { return Ok(None) };
    if given.any(|other| other != first) {
        return Err(fault(name, "duplicate_key", "given twice, and not the same"));
    }
    Ok(Some(first))
}

fn fault(name: &'static str, code: &'static str, detail: &'static str) -> Error {
    Error::invalid_field(format!("/{name}"), code, detail)
}

/// No credentials, or none that could be right: the same answer as for wrong ones.
pub(super) fn unknown() -> Error {
    Error::new(
        Code::InvalidClient,
        "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(basic: Option<(&str, &str)>, query: Wanted, body: Wanted) -> Result<Asked> {
        Asked::of(Basic(basic.map(|(id, secret)| (id.to_owned(), secret.to_owned()))), query, body)
    }

    fn granting(client_id: Option<&str>) -> Wanted {
        Wanted {
            grant_type: Some("client_credentials".into()),
            client_id: client_id.map(ToOwned::to_owned),
            ..Wanted::default()
        }
    }

    #[test]
    fn a_parameter_may_be_said_twice_but_not_differently() {
        let same = asked(Some(("a", "s")), granting(Some("a")), granting(None)).unwrap();
        assert_eq!(same.credentials().unwrap(), ("a", "s"));
        let other = asked(None, granting(Some("a")), granting(Some("b")));
        assert_eq!(other.err().unwrap().fields()[0].pointer, "/client_id");
    }

    #[test]
    fn without_both_halves_nobody_is_known() {
        let half = asked(None, granting(Some("a")), Wanted::default()).unwrap();
        assert_eq!(half.credentials().unwrap_err().code(), Code::InvalidClient);
    }

    #[test]
    fn basic_credentials_are_escaped_like_a_form() {
        let value = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        assert_eq!(credentials(&value("a%3Ab:s%20t")), Some(("a:b".into(), "s t".into())));
        for bad in [value("nocolon"), value("a:%ff"), "Basic !".into(), "Bearer abc".into(), "Basic".into()] {
            assert_eq!(credentials(&bad), None, "{bad}");
        }
    }
}
