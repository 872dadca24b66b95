//! A connection that tells the attempt using it where it leads and how far it is, and is counted while it is open.
//!
//! Awc does not say which connection of its pool a request went over. But a request is polled in one task, so a
//! value local to that task, which the connection writes when it is written to, knows exactly, also when the
//! connection was kept from an earlier request.
//!
//! Not here: deciding where it may lead (`guard`).

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::body::{BodySize, MessageBody};
use actix_rt::net::{ActixStream, Ready, TcpStream};
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    certificate,
    messages::{Timings, TlsFacts},
    stages::{Stage, Stages},
};

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
    stages: Stages,
    /// Wanted for a diagnosis; a usual attempt keeps no certificate.
    tls: Option<RefCell<TlsSeen>>,
}

#[derive(Debug, Default)]
struct TlsSeen {
    version: Option<&'static str>,
    certificate: Option<Box<[u8]>>,
}

impl Footprint {
    /// One that also keeps what TLS agreed on.
    pub(super) fn detailed() -> Self {
        Self { tls: Some(RefCell::default()), ..Self::default() }
    }

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

    pub(super) fn stage(&self) -> Stage {
        self.stages.stage()
    }

    pub(super) fn timings(&self) -> Timings {
        self.stages.timings()
    }

    /// What TLS agreed on, if this was asked for and it came to TLS.
    pub(super) fn tls(&self) -> Option<TlsFacts> {
        let seen = self.tls.as_ref()?.borrow();
        let certificate = seen.certificate.as_deref().and_then(certificate::facts);
        (seen.version.is_some() || certificate.is_some()).then_some(TlsFacts { version: seen.version, certificate })
    }

    pub(super) fn note_stage(stage: Stage) {
        Self::note(|footprint| footprint.stages.enter(stage));
    }

    /// A connection is about to be made: what was learnt of one before does not count.
    pub(super) fn note_fresh() {
        Self::note(|footprint| footprint.stages.again());
    }

    pub(super) fn note_connecting(address: SocketAddr) {
        Self::note(|footprint| {
            footprint.address.set(Some(address));
            footprint.connected.set(true);
        });
    }

    pub(super) fn note_tls(version: &'static str) {
        Self::note(|footprint| {
            if let Some(seen) = &footprint.tls {
                seen.borrow_mut().version = Some(version);
            }
        });
    }

    pub(super) fn note_certificate(der: &[u8]) {
        Self::note(|footprint| {
            if let Some(seen) = &footprint.tls {
                seen.borrow_mut().certificate = Some(der.into());
            }
        });
    }

    fn note_writing(address: SocketAddr) {
        Self::note(|footprint| footprint.address.set(Some(address)));
    }

    /// Outside of an attempt, as in a test of the guard alone, there is nothing to note.
    fn note(what: impl FnOnce(&Self)) {
        let _ = FOOTPRINT.try_with(|footprint| what(footprint));
    }
}

/// A body that notes when awc asks for it: then the connection is there, agreed on or kept, and the request is
/// written. Awc has no other word for that moment.
#[derive(Debug)]
pub(super) struct Letter(Option<Bytes>);

impl Letter {
    pub(super) const fn new(body: Bytes) -> Self {
        Self(Some(body))
    }
}

impl MessageBody for Letter {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.as_ref().and_then(|body| u64::try_from(body.len()).ok()).unwrap_or_default())
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let body = self.0.take();
        if body.is_some() {
            Footprint::note_stage(Stage::Waiting);
        }
        Poll::Ready(body.map(Ok))
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
