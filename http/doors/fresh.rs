//! Answers that a client may keep: tagged by their content, and not sent again while they are the same.
//!
//! # Source
//! RFC 9110 section 8.8.3 (`ETag`), 13.1.1 (`If-Match`), 13.1.2 (`If-None-Match`), 15.4.5 (304), 15.5.13 (412); RFC 9111 section 5.2.2 (`Cache-Control`).

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use stoa_core::{Code, Error, Result};

use super::{Reply, Wire, reply::Wrapped};

/// An answer for its caller alone, asked for anew each time.
#[derive(Debug)]
pub struct Fresh<R>(pub R);

/// An answer for everybody, good for a minute.
#[derive(Debug)]
pub struct Public<R>(pub R);

/// The answer to a change, tagged as the next reading of the same will be.
#[derive(Debug)]
pub struct Changed<R>(pub R);

/// What a change must find: one of the tags that it names, or anything that is there.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// Takes the header.
    pub fn new(tags: Option<String>) -> Self {
        Self(tags)
    }

    /// Does the request ask for it.
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// Compares with what is there now, as [`Data`](super::Data) would answer it. What was read is held meanwhile, so that
    /// nothing comes between.
    ///
    /// # Errors
    /// `precondition_failed`.
    pub fn check<T: Serialize>(&self, data: T) -> Result<()> {
        let Some(known) = &self.0 else { return Ok(()) };
        let etag = etag_of(&serde_json::to_vec(&Wrapped { data }).map_err(Error::internal)?);
        if names(known, &etag) {
            return Ok(());
        }
        Err(Error::new(Code::PreconditionFailed, "it has changed since it was read; its ETag is another now"))
    }
}

macro_rules! tagged {
    ($name:ident, $control:literal, $wire:expr) => {
        impl<R: Reply> Reply for $name<R> {
            const STATUS: u16 = R::STATUS;
            const MEDIA: &'static str = R::MEDIA;

            fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
                R::shape(schemas)
            }

            fn example(path: &str) -> Option<Value> {
                R::example(path)
            }

            fn write(self, wire: &Wire) -> Result<HttpResponse> {
                tag(self.0.write(wire)?, &$wire(wire), HeaderValue::from_static($control))
            }
        }
    };
}
tagged!(Fresh, "private, no-cache", Wire::clone);
tagged!(Public, "public, max-age=60", Wire::clone);
// What was changed is told in any case.
tagged!(Changed, "private, no-cache", |wire: &Wire| Wire { if_none_match: None, ..wire.clone() });

fn tag(response: HttpResponse, wire: &Wire, control: HeaderValue) -> Result<HttpResponse> {
    let (head, body) = response.into_parts();
    let bytes = body.try_into_bytes().map_err(|_| Error::internal(anyhow::anyhow!("a streamed answer has no tag")))?;
    let etag = etag_of(&bytes);
    let mut response = if wire.if_none_match.as_deref().is_some_and(|known| names(known, &etag)) {
        HttpResponse::new(StatusCode::NOT_MODIFIED)
    } else {
        head.set_body(bytes).map_into_boxed_body()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(Error::internal)?);
    headers.insert(header::CACHE_CONTROL, control);
    Ok(response)
}

fn etag_of(bytes: &[u8]) -> String {
    format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)))
}

/// Compares weakly: a proxy that compresses marks the tag so.
fn names(known: &str, etag: &str) -> bool {
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &'static str, if_none_match: Option<&str>) -> HttpResponse {
        let wire = Wire {
            base: String::new(),
            path: String::new(),
            query: String::new(),
            if_none_match: if_none_match.map(ToOwned::to_owned),
        };
        tag(HttpResponse::Ok().body(body), &wire, HeaderValue::from_static("private, no-cache")).unwrap()
    }

    fn etag(response: &HttpResponse) -> String {
        response.headers().get(header::ETAG).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn the_same_content_is_not_sent_twice() {
        let first = answer("a", None);
        assert_eq!(first.status(), StatusCode::OK);
        let tag = etag(&first);
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let second = answer("a", Some(&known));
            assert_eq!((second.status(), etag(&second)), (StatusCode::NOT_MODIFIED, tag.clone()), "{known}");
        }
    }

    #[test]
    fn other_content_is_sent() {
        let tag = etag(&answer("a", None));
        let other = answer("b", Some(&tag));
        assert_eq!(other.status(), StatusCode::OK);
        assert_ne!(etag(&other), tag);
    }
}
