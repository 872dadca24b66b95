//! Single requests to the public API, for what must be made before a run.

use std::{fmt::Write, io, net::SocketAddr};

use anyhow::Context;
use serde_json::Value;

use super::wire::Channel;

/// Somebody with a token, over one connection.
#[derive(Debug)]
pub struct Caller {
    channel: Channel,
}

impl Caller {
    /// Opens the connection.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { channel: Channel::open(address).await? })
    }

    /// Makes a request and reads its answer.
    ///
    /// # Errors
    /// When the answer is no success; its body is in the error.
    pub async fn call(&mut self, line: &str, token: Option<&str>, body: Option<&Value>) -> anyhow::Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.send(line, token, ("application/json", body.as_bytes())).await?;
        if answer.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(answer)?) }
    }

    /// Sends a file and reads the answer.
    ///
    /// # Errors
    /// When the answer is no success; its body is in the error.
    pub async fn upload(&mut self, line: &str, token: Option<&str>, file: &[u8]) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(self.send(line, token, ("text/csv", file)).await?)?)
    }

    /// Makes a request without a body, and leaves its answer unread.
    ///
    /// # Errors
    /// When the answer is no success; its body is in the error.
    pub async fn exchange(&mut self, line: &str, token: Option<&str>) -> anyhow::Result<()> {
        self.send(line, token, ("", &[])).await.map(|_| ())
    }

    async fn send(&mut self, line: &str, token: Option<&str>, (media, body): (&str, &[u8])) -> anyhow::Result<&[u8]> {
        let mut request = format!("{line} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n", body.len());
        if let Some(token) = token {
            write!(request, "authorization: Bearer {token}\r\n")?;
        }
        if !body.is_empty() {
            write!(request, "content-type: {media}\r\n")?;
        }
        request.push_str("\r\n");
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        let answer = self.channel.exchange(&request).await.with_context(|| line.to_owned())?;
        let status = answer.status();
        anyhow::ensure!((200..300).contains(&status), "{line} answered {status}: {}", answer.text());
        Ok(answer.body)
    }
}
