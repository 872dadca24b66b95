//! Who calls the API: a token or none, and the requests that go with it.
//!
//! Not here: whose token; a [`super::TestHouse`] makes its callers.

use std::{convert::Infallible, time::Duration};

use actix_web::http::{Method, StatusCode, header::HeaderMap};
use bytes::Bytes;
use futures::{StreamExt, channel::mpsc};
use serde_json::Value;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer.
const ANSWER_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Somebody who calls, over real HTTP.
#[derive(Clone)]
pub(crate) struct Caller {
    client: awc::Client,
    base: String,
    token: Option<String>,
}

/// A request, until it is sent.
pub(crate) struct Request {
    inner: awc::ClientRequest,
    body: Bytes,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Caller {
    #[expect(clippy::disallowed_methods, reason = "this is a client of the house, not a way out of it")]
    pub(crate) fn new(base: String, token: Option<String>) -> Self {
        let client = awc::Client::builder().timeout(PATIENCE).disable_redirects().finish();
        Self { client, base, token }
    }

    /// The token, for another way to the house.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path).json(&body).send().await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path).json(&body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PATCH, path).json(&body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// Host and port of the house, and the token, for a test that speaks HTTP byte by byte.
    pub(crate) fn wire(&self) -> (&str, &str) {
        (self.base.trim_start_matches("http://"), self.token.as_deref().unwrap_or_default())
    }

    /// A request of any kind. A path without a host is one of the house.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let mut inner = self.client.request(method, format!("{}{path}", self.base)).no_decompress();
        if let Some(token) = &self.token {
            inner = inner.bearer_auth(token);
        }
        Request { inner, body: Bytes::new() }
    }
}

impl Request {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.inner = self.inner.insert_header((name, value));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    /// A body byte for byte, well-formed or not.
    pub(crate) fn bytes(mut self, media: &str, body: impl Into<Bytes>) -> Self {
        self.inner = self.inner.content_type(media);
        self.body = body.into();
        self
    }

    /// Sends a body as it comes, with or without an end.
    pub(crate) async fn stream(self, media: &str, pieces: mpsc::UnboundedReceiver<Bytes>) -> Answer {
        let what = format!("{} {}", self.inner.get_method(), self.inner.get_uri());
        let pieces = Box::pin(pieces.map(Ok::<_, Infallible>));
        let sent = self.inner.content_type(media).send_stream(pieces).await;
        let mut response = sent.unwrap_or_else(|error| panic!("{what}: {error}"));
        let body = response.body().limit(ANSWER_MAX_BYTES).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    pub(crate) async fn send(self) -> Answer {
        let what = format!("{} {}", self.inner.get_method(), self.inner.get_uri());
        let sent = if self.body.is_empty() { self.inner.send().await } else { self.inner.send_body(self.body).await };
        let mut response = sent.unwrap_or_else(|error| panic!("{what}: {error}"));
        let body = response.body().limit(ANSWER_MAX_BYTES).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The whole body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// What stands under `data`, of an answer that must be a good one.
    pub(crate) fn data(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        self.json()["data"].clone()
    }

    /// Insists on a status.
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status.as_u16(), "{}", self.text());
        self
    }

    /// Status, code and pointers of a refusal, which must have the form of one and show nothing of the inside.
    pub(crate) fn refusal(&self) -> (u16, String, Vec<String>) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{} {}", self.status, self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for member in ["type", "title", "detail", "instance"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {problem}");
        }
        let faults = problem["errors"].as_array().cloned().unwrap_or_default();
        let pointers = faults.iter().map(|fault| fault["pointer"].as_str().expect("a pointer").to_owned()).collect();
        (self.status, problem["code"].as_str().expect("a code").to_owned(), pointers)
    }

    /// The body for a message.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
