//! The server's public API, as an integration calls it: JSON, a token, and refusals in words.

use std::{iter, time::Duration};

use actix_web::http::Method;
use anyhow::{Context, bail};
use serde_json::Value;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer.
const ANSWER_MAX_BYTES: usize = 4 * 1024 * 1024;

/// A server and a token for it.
#[derive(Clone)]
pub(super) struct Api {
    client: awc::Client,
    address: String,
    token: String,
}

impl Api {
    #[expect(clippy::disallowed_methods, reason = "the demo is a caller of the server, not a part of it")]
    pub(super) fn new(address: String, token: String) -> Self {
        let client = awc::Client::builder().timeout(PATIENCE).disable_redirects().finish();
        Self { client, address, token }
    }

    /// The same server with another token.
    pub(super) fn with_token(&self, token: String) -> Self {
        Self { token, ..self.clone() }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.call(Method::DELETE, path, None).await.map(|_| ())
    }

    /// The answer's body; null where there is none.
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let what = format!("{method} {}{path}", self.address);
        let request = self.client.request(method, format!("{}{path}", self.address)).bearer_auth(&self.token);
        let sent = match body {
            Some(body) => request.send_json(body).await,
            None => request.send().await,
        };
        let mut response = match sent {
            Ok(response) => response,
            Err(error) => bail!("{what}: {error}; is the server running?"),
        };
        let bytes = response.body().limit(ANSWER_MAX_BYTES).await.with_context(|| what.clone())?;
        let answer = serde_json::from_slice(&bytes).unwrap_or_default();
        if !response.status().is_success() {
            bail!("{what}: {}", refusal(response.status().as_u16(), &answer));
        }
        Ok(answer)
    }
}

/// A problem in one line: status, code, what was the matter, and each field.
fn refusal(status: u16, problem: &Value) -> String {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
    let faults = problem.get("errors").and_then(Value::as_array).into_iter().flatten();
    let fields = faults.map(|fault| format!("{} {}", text(fault, "pointer"), text(fault, "detail")));
    let lines = iter::once(format!("{status} {}: {}", text(problem, "code"), text(problem, "detail"))).chain(fields);
    lines.collect::<Vec<_>>().join("; ")
}

/// The text at a place of an answer.
pub(super) fn text_at(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str).map(ToOwned::to_owned);
    text.with_context(|| format!("the answer has no {pointer}: {value}"))
}
