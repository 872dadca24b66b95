//! Bodies, read strictly: what is not exactly JSON of the wanted shape changes nothing.
//!
//! # Order
//! Type (415) and size (413) before the bytes are kept; then form (400) and shape (422), both by
//! [`stoa_core::json`]. The words of every fault are ours: neither serde's nor the parser's text leaves the house.
//!
//! Not here: query strings (`http::query`), and rules that need the database.

mod form;
mod size;
pub(crate) mod stored;
pub mod upload;

use actix_web::{HttpRequest, http::header, web};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use stoa_core::{Code, Error, Result, json};

use super::state::App;

/// Says whether a door takes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A body is not read.
    None,
    /// A body may be left out.
    Optional,
    /// A body must be there.
    Required,
    /// A file must be there; it is taken in as it comes.
    File,
}

/// A body that a door takes. Derive `Deserialize` with `deny_unknown_fields` and `JsonSchema`; give an example.
pub trait Body: DeserializeOwned + JsonSchema + 'static {
    /// Is there one.
    const PRESENCE: Presence = Presence::Required;
    /// Is it taken as a form too.
    const FORM: bool = false;

    /// One that is accepted, for the documentation and the sweeps.
    fn example() -> Value;

    /// What an empty request means, where a body may be left out.
    fn absent() -> Option<Self> {
        None
    }
}

/// No body.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
pub struct NoBody {}

impl Body for NoBody {
    const PRESENCE: Presence = Presence::None;

    fn example() -> Value {
        Value::Null
    }

    fn absent() -> Option<Self> {
        Some(Self {})
    }
}

impl<T: Body> Body for Option<T> {
    const PRESENCE: Presence = Presence::Optional;
    const FORM: bool = T::FORM;

    fn example() -> Value {
        T::example()
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// Takes the bytes in, checking type and size.
pub(crate) async fn receive<B: Body>(
    app: &App,
    request: &HttpRequest,
    payload: &mut web::Payload,
) -> Result<web::Bytes> {
    if B::PRESENCE == Presence::None {
        return Ok(web::Bytes::new());
    }
    let announced = size::announced(request);
    let is_form = B::FORM && form::is_form(request);
    if !is_form && (B::PRESENCE == Presence::Required || announced != Some(0)) {
        is_json(request)?;
    }
    let bytes = size::read(payload, announced, &app.settings).await?;
    if is_form { form::to_json(&bytes) } else { Ok(bytes) }
}

/// Reads what was received.
pub(crate) fn read<B: Body>(bytes: &[u8]) -> Result<B> {
    if bytes.is_empty()
        && let Some(absent) = B::absent()
    {
        return Ok(absent);
    }
    let text = json::check(bytes).map_err(|fault| {
        Error::new(Code::MalformedBody, "the body is not one JSON document in UTF-8; `errors` says where")
            .with_fields(vec![fault])
    })?;
    json::read(text).map_err(|fault| Error::invalid(vec![fault]))
}

/// `application/json`, in UTF-8 and as it is.
fn is_json(request: &HttpRequest) -> Result<()> {
    let refused = |why| Err(Error::new(Code::UnsupportedMediaType, why));
    let headers = request.headers();
    let encodings = headers.get_all(header::CONTENT_ENCODING);
    if encodings.into_iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return refused("send the body as it is, without Content-Encoding");
    }
    let mut types = headers.get_all(header::CONTENT_TYPE);
    let (Some(given), None) = (types.next(), types.next()) else {
        return refused("send Content-Type: application/json");
    };
    let mut words = given.to_str().unwrap_or_default().split(';').map(str::trim);
    if !words.next().unwrap_or_default().eq_ignore_ascii_case("application/json") {
        return refused("send Content-Type: application/json");
    }
    let is_utf8 = |word: &str| {
        word.is_empty()
            || word.split_once('=').is_some_and(|(name, value)| {
                !name.trim().eq_ignore_ascii_case("charset")
                    || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
    };
    if words.all(is_utf8) { Ok(()) } else { refused("JSON is written in UTF-8") }
}

#[cfg(test)]
mod tests;
