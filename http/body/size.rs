//! How much of a body is taken in, and for how long.

use actix_web::{HttpRequest, http::header, web};
use futures::StreamExt;
use stoa_core::{Code, Error, Result};

use crate::state::Settings;

/// What is set aside at once for an announced body; more is added as it comes.
const FIRST_BYTES: usize = 64 * 1024;

/// The announced length; `Some(0)` also when neither length nor chunks are announced.
pub(super) fn announced(request: &HttpRequest) -> Option<usize> {
    let headers = request.headers();
    match headers.get(header::CONTENT_LENGTH) {
        // A length that is no number has already been refused by the server.
        Some(length) => Some(length.to_str().ok().and_then(|length| length.parse().ok()).unwrap_or(usize::MAX)),
        None if headers.contains_key(header::TRANSFER_ENCODING)
            || request.version() == actix_web::http::Version::HTTP_2 =>
        {
            None
        }
        None => Some(0),
    }
}

/// Reads to the end, but no further than the limit and no longer than the time.
pub(super) async fn read(
    payload: &mut web::Payload,
    announced: Option<usize>,
    settings: &Settings,
) -> Result<web::Bytes> {
    let limit = settings.body_limit_bytes;
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let whole = tokio::time::timeout(settings.body_timeout, collect(payload, announced.unwrap_or_default(), limit));
    whole.await.unwrap_or_else(|_| Err(Error::new(Code::BodyTimeout, "the body did not arrive in time")))
}

async fn collect(payload: &mut web::Payload, announced: usize, limit: usize) -> Result<web::Bytes> {
    let mut whole = web::BytesMut::with_capacity(announced.min(FIRST_BYTES));
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| Error::new(Code::MalformedBody, "the body broke off"))?;
        if whole.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

fn too_large(limit: usize) -> Error {
    Error::new(Code::BodyTooLarge, format!("a body may have {limit} bytes"))
}
