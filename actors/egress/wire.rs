//! A connection that tells the attempt using it where it leads, and is counted while it is open.
//!
//! Awc does not say which connection of its pool a request went over. But a request is polled in one task, so a
//! value local to that task, which the connection writes when it is written to, knows exactly, also when the
//! connection was kept from an earlier request.
//!
//! Not here: deciding where it may lead (`guard`).

use std::{
    cell::Cell,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_rt::net::{ActixStream, Ready, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

tokio::task_local! {
    static FOOTPRINT: Rc<Footprint>;
}

/// Where one attempt went.
#[derive(Debug, Default)]
pub(super) struct Footprint {
    /// Peer of the connection written to, or tried last.
    address: Cell<Option<SocketAddr>>,
    /// A connection was made for this attempt, rather than taken from the pool.
    connected: Cell<bool>,
}

impl Footprint {
    /// Runs an exchange and notes in `self` where it went.
    pub(super) async fn of<F: Future>(self: &Rc<Self>, exchange: F) -> F::Output {
        FOOTPRINT.scope(Rc::clone(self), exchange).await
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address.get()
    }

    /// Went over a connection kept from an earlier request.
    pub(super) fn is_reused(&self) -> bool {
        self.address.get().is_some() && !self.connected.get()
    }

    pub(super) fn note_connecting(address: SocketAddr) {
        // Outside of an attempt, as in a test of the guard alone, there is nothing to note.
        let _ = FOOTPRINT.try_with(|footprint| {
            footprint.address.set(Some(address));
            footprint.connected.set(true);
        });
    }

    fn note_writing(address: SocketAddr) {
        let _ = FOOTPRINT.try_with(|footprint| footprint.address.set(Some(address)));
    }
}

/// Counts what is open.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenCount(Rc<Cell<usize>>);

impl OpenCount {
    pub(super) fn get(&self) -> usize {
        self.0.get()
    }
}

/// A connection to a checked address.
#[derive(Debug)]
pub(super) struct Wire {
    io: TcpStream,
    peer: SocketAddr,
    open: OpenCount,
}

impl Wire {
    pub(super) fn new(io: TcpStream, peer: SocketAddr, open: OpenCount) -> Self {
        open.0.set(open.0.get().saturating_add(1));
        Self { io, peer, open }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.open.0.set(self.open.0.get().saturating_sub(1));
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Footprint::note_writing(self.peer);
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Footprint::note_writing(self.peer);
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

impl ActixStream for Wire {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(&self.io, cx)
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(&self.io, cx)
    }
}
