//! HTTP/1.1 messages over one kept connection, without anything that this road does not use.
//!
//! Not here: chunked bodies, which neither the server's short answers nor its webhooks have; one is an error.
//!
//! # Source
//! RFC 9112 sections 2 and 6.2.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ROOM: usize = 16 * 1024;
const LENGTH: &[u8] = b"content-length:";
const CHUNKED: &[u8] = b"transfer-encoding:";

/// One end of a connection.
#[derive(Debug)]
pub struct Channel {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Bytes of the message read last, which go before the next is read.
    done: usize,
}

/// A message as it lies in the buffer.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// From the first line to the empty one.
    pub head: &'a [u8],
    /// The rest.
    pub body: &'a [u8],
}

impl Message<'_> {
    /// Status of an answer; 0 of what is none.
    pub fn status(&self) -> u16 {
        let digits = self.head.get(9..12).unwrap_or_default();
        std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// The body as text, for a fault to show.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).chars().take(500).collect()
    }
}

impl Channel {
    /// Takes a connection that is open.
    pub fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(ROOM), done: 0 })
    }

    /// Opens one.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        Self::over(TcpStream::connect(address).await?)
    }

    /// Writes a whole message.
    pub async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(message).await
    }

    /// Reads the next message; none where the other end hung up between two.
    pub async fn receive(&mut self) -> io::Result<Option<Message<'_>>> {
        self.buffer.drain(..self.done);
        self.done = 0;
        let (head, whole) = loop {
            if let Some((head, body)) = measure(&self.buffer)?
                && self.buffer.len() >= head + body
            {
                break (head, head + body);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                let clean = self.buffer.is_empty();
                return if clean { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        };
        self.done = whole;
        let (message, _) = self.buffer.split_at(whole);
        let (head, body) = message.split_at(head);
        Ok(Some(Message { head, body }))
    }

    /// Asks and waits for the answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Message<'_>> {
        self.send(request).await?;
        self.receive().await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Bytes of head and body of the message that a buffer begins with; none while its head is not whole.
fn measure(buffer: &[u8]) -> io::Result<Option<(usize, usize)>> {
    let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let (head, _) = buffer.split_at(end);
    let mut body = 0;
    for line in head.split(|byte| *byte == b'\n') {
        if let Some(value) = value_of(line, LENGTH) {
            let digits = std::str::from_utf8(value).ok().map(str::trim);
            body = digits.and_then(|text| text.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
        } else if value_of(line, CHUNKED).is_some() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a body in chunks is not read here"));
        }
    }
    Ok(Some((end + 4, body)))
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_measured_once_its_head_is_whole() {
        let whole = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcPOST";
        assert_eq!(measure(whole).unwrap(), Some((47, 3)));
        assert_eq!(measure(&whole[..46]).unwrap(), None);
        assert_eq!(measure(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap(), Some((27, 0)));
        assert!(measure(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(measure(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n").is_err());
    }

    #[test]
    fn a_status_is_read() {
        let message = Message { head: b"HTTP/1.1 503 Service Unavailable\r\n\r\n", body: b"" };
        assert_eq!(message.status(), 503);
        assert_eq!(Message { head: b"", body: b"" }.status(), 0);
    }
}
