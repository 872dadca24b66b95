//! HTTP/1.1 over one kept connection, so that a test knows of each request whether it was answered.
//!
//! Not here: bodies in chunks, which neither the server's answers nor its webhooks have.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request that takes longer counts as not answered.
const PATIENCE: Duration = Duration::from_secs(15);

/// One end of a connection.
pub(crate) struct Channel {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A request or an answer.
#[derive(Debug)]
pub(crate) struct Message {
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Status of an answer.
    pub(crate) fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or_default()
    }

    /// Path of a request.
    pub(crate) fn path(&self) -> &str {
        self.word(1)
    }

    fn word(&self, place: usize) -> &str {
        self.head.lines().next().and_then(|line| line.split(' ').nth(place)).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Channel {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        Ok(Self::over(TcpStream::connect(address).await?))
    }

    pub(crate) fn over(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Asks, and waits for the answer. An error means that it is not known what became of the request.
    pub(crate) async fn call(&mut self, what: &str, token: Option<&str>, body: &str) -> io::Result<Message> {
        let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
        self.exchange(what, token, (kind, body)).await
    }

    /// Sends a file of people, and waits for the answer.
    pub(crate) async fn send_file(&mut self, what: &str, token: &str, file: &str) -> io::Result<Message> {
        self.exchange(what, Some(token), ("content-type: text/csv\r\n", file)).await
    }

    async fn exchange(&mut self, what: &str, token: Option<&str>, (kind, body): (&str, &str)) -> io::Result<Message> {
        let credentials = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request =
            format!("{what} HTTP/1.1\r\nhost: stoa\r\n{credentials}{kind}content-length: {}\r\n\r\n{body}", body.len());
        let exchange = async {
            self.send(request.as_bytes()).await?;
            self.receive().await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        };
        tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    pub(crate) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(message).await
    }

    /// Reads the next message; none where the other end hung up between two.
    pub(crate) async fn receive(&mut self) -> io::Result<Option<Message>> {
        loop {
            if let Some(message) = self.whole()? {
                return Ok(Some(message));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                let between = self.buffer.is_empty();
                return if between { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }

    /// Takes a message out of the buffer, if there is a whole one.
    fn whole(&mut self) -> io::Result<Option<Message>> {
        let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        let mut message = Message { head, body: Vec::new() };
        let length = match message.header("content-length").map(str::parse) {
            Some(Ok(length)) => length,
            Some(Err(_)) => return Err(io::ErrorKind::InvalidData.into()),
            None => 0,
        };
        if message.header("transfer-encoding").is_some() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a body in chunks is not read here"));
        }
        if self.buffer.len() < end + 4 + length {
            return Ok(None);
        }
        message.body = self.buffer.drain(..end + 4 + length).skip(end + 4).collect();
        Ok(Some(message))
    }
}
