//! `Idempotency-Key`: a request whose answer was lost is sent again, and answered again, and not done again.
//!
//! # Shape
//! `Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"`, 1 to 255 visible ASCII characters; the quotes of the draft
//! may be left out. An answer that is told again carries `Idempotency-Replayed: true`. Answers above 499 are not kept:
//! the next request under the key is served anew.
//!
//! # Source
//! draft-ietf-httpapi-idempotency-key-header-07.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use stoa_core::{
    Code, Error, Result, Scope,
    idempotency::{self, Begun, Claim, Kept},
};
use tracing::Instrument;

use super::{Admits, Arrival};
use crate::state::App;

const KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const KEY_MAX: usize = 255;
/// Larger answers are not kept; no operation that changes anything answers with more.
const ANSWER_MAX_BYTES: usize = 1024 * 1024;
/// Headers that belong to what was answered. The others are made anew.
const HEADERS: [HeaderName; 4] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::RETRY_AFTER];

/// Are requests of this method named: those of which a second one would do something again.
pub(super) fn takes_key(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PATCH)
}

/// A key that a request came with.
#[derive(Debug)]
pub(super) struct Keyed {
    scope: Scope,
    claim: Claim,
}

impl Keyed {
    /// Reads the key of a request that changes something; none where none was sent, or where nobody is known to hold it.
    ///
    /// # Errors
    /// `invalid_idempotency_key`.
    pub(super) fn of(arrival: &Arrival, caller: &impl Admits, body: &[u8]) -> Result<Option<Self>> {
        let request = &arrival.request;
        if !takes_key(request.method()) {
            return Ok(None);
        }
        let mut given = request.headers().get_all(KEY);
        let (Some(value), second) = (given.next(), given.next()) else { return Ok(None) };
        let key = key(value).filter(|_| second.is_none()).ok_or_else(|| {
            let detail = "send one Idempotency-Key of 1 to 255 visible ASCII characters, in quotes or without";
            Error::new(Code::InvalidIdempotencyKey, detail)
        })?;
        let Some((scope, holder)) = caller.acts().and_then(|scope| scope.holder().map(|holder| (scope, holder))) else {
            return Ok(None);
        };
        let digest = Sha256::new()
            .chain_update(request.path())
            .chain_update([0])
            .chain_update(request.query_string())
            .chain_update([0])
            .chain_update(body);
        let operation = format!("{} {}", request.method(), request.match_pattern().unwrap_or_default());
        let claim = Claim { holder, operation, key, fingerprint: digest.finalize().into() };
        Ok(Some(Self { scope, claim }))
    }

    /// Serves the request, or tells again what it was answered. Goes on when the caller hangs up: a caller who has
    /// lost the answer is whom the key is for.
    ///
    /// # Errors
    /// `idempotency_in_progress`, `idempotency_mismatch`.
    #[expect(clippy::disallowed_methods, reason = "what was begun under a key is finished, whoever waits for it")]
    pub(super) async fn serve(
        self,
        app: Arc<App>,
        serve: impl Future<Output = HttpResponse> + 'static,
    ) -> Result<HttpResponse> {
        let mut tx = app.db.tenant(&self.scope).await?;
        let begun = idempotency::begin(&mut tx, &app.sealer, &self.claim).await?;
        tx.commit().await?;
        match begun {
            Begun::Fresh(run) => {
                let served = async move { self.keep(&app, run, serve.await).await };
                actix_web::rt::spawn(served.in_current_span()).await.map_err(Error::internal)
            }
            Begun::Answered(kept) => again(kept),
            Begun::InProgress => {
                let detail = "a request with this Idempotency-Key is being served; ask again shortly";
                Err(Error::new(Code::IdempotencyInProgress, detail).retry_after_secs(1))
            }
            Begun::Mismatch => {
                let detail = "something else was asked with this Idempotency-Key within the last day";
                Err(Error::new(Code::IdempotencyMismatch, detail))
            }
        }
    }

    /// Keeps an answer, so that it can be told again. Where that fails the request was served all the same.
    async fn keep(&self, app: &App, run: DateTime<Utc>, response: HttpResponse) -> HttpResponse {
        let (head, body) = response.into_parts();
        let Ok(body) = body.try_into_bytes() else {
            // Nothing that changes anything answers with a stream; the key runs out by itself.
            return HttpResponse::InternalServerError().finish();
        };
        let headers = HEADERS.iter().filter_map(|name| {
            let value = head.headers().get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let answer = Kept { status: head.status().as_u16(), headers: headers.collect(), body: body.to_vec() };
        let keeps = answer.status < 500 && answer.body.len() <= ANSWER_MAX_BYTES;
        if let Err(error) = self.write(app, run, keeps.then_some(&answer)).await {
            tracing::warn!(%error, "an answer could not be kept under its Idempotency-Key");
        }
        head.set_body(body).map_into_boxed_body()
    }

    async fn write(&self, app: &App, run: DateTime<Utc>, answer: Option<&Kept>) -> Result<()> {
        let mut tx = app.db.tenant(&self.scope).await?;
        let run = (&self.claim, run);
        match answer {
            Some(answer) => idempotency::keep(&mut tx, &app.sealer, run, answer).await?,
            None => idempotency::release(&mut tx, run).await?,
        }
        tx.commit().await
    }
}

fn again(kept: Kept) -> Result<HttpResponse> {
    let status = StatusCode::from_u16(kept.status).map_err(Error::internal)?;
    let mut response = HttpResponse::build(status).body(kept.body);
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in kept.headers {
        let name = HeaderName::try_from(name).map_err(Error::internal)?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(Error::internal)?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// An item of RFC 8941 that is a string, or the bare characters.
fn key(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    let text = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    let fits = (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    (fits && !text.contains(['"', '\\'])).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_quotes_or_without() {
        let read = |text: &str| key(&HeaderValue::from_str(text).unwrap());
        assert_eq!(read("\"abc-1\"").as_deref(), Some("abc-1"));
        assert_eq!(read(" abc-1 ").as_deref(), Some("abc-1"));
        for refused in ["", "\"\"", "\"abc", "a b", "a\"b", "\"a\\\"b\"", &"x".repeat(256)] {
            assert_eq!(read(refused), None, "{refused}");
        }
        assert_eq!(key(&HeaderValue::from_bytes("열쇠".as_bytes()).unwrap()), None);
    }
}
