//! The connector that decides which machines are called.
//!
//! Awc asks it for every new connection, so also for literals, which a resolver never sees. It checks the address
//! by the rules it was saved by, looks the name up, checks **every** address found, and connects to those very
//! addresses: a name that changes its mind between the look and the connection is not asked again. A kept
//! connection still leads to the machine that was checked.
//!
//! Not here: the rules (`stoa_webhooks::target`). TLS lies over this and verifies the name.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use actix_rt::{net::TcpStream, time::timeout};
use actix_service::Service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use awc::http::Uri;
use futures::future::LocalBoxFuture;
use stoa_webhooks::target::TargetPolicy;
use url::{Host, Url};

use super::{
    resolver::Lookups,
    stages::Stage,
    wire::{Footprint, OpenCount, Wire},
};

/// Shortest time that one of several addresses is given.
const SHORTEST_TRY: Duration = Duration::from_millis(500);

/// The address may not be called. Says no more about what a name resolves to than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The name has no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unresolved(pub(super) Arc<str>);

/// Connects to receivers, to none but those that may be called.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub(super) policy: Arc<TargetPolicy>,
    pub(super) lookups: Lookups,
    pub(super) open: OpenCount,
    /// Limit for all addresses of a name together.
    pub(super) connect_within: Duration,
}

impl Guard {
    /// The addresses to connect to: all that the name has, and all of them allowed.
    pub(super) async fn checked(&self, uri: &str) -> Result<Arc<[SocketAddr]>, ConnectError> {
        let target = self.policy.check(uri).map_err(|fault| refused(fault.to_string()))?;
        let (host, port) = host_and_port(target.as_str()).ok_or(ConnectError::Unresolved)?;
        let addresses = match host {
            Host::Ipv4(address) => Arc::from([SocketAddr::from((address, port))]),
            Host::Ipv6(address) => Arc::from([SocketAddr::from((address, port))]),
            Host::Domain(name) => {
                Footprint::note_stage(Stage::LookingUp);
                let found = self.lookups.addresses(&name, port).await;
                found.map_err(|why| ConnectError::Resolver(Box::new(Unresolved(why))))?
            }
        };
        match addresses.iter().find(|address| !self.policy.allows(address.ip())) {
            None => Ok(addresses),
            Some(address) => {
                // The log may know; the owner of the receiver must not map our network with it.
                tracing::warn!(host = target.host(), address = %address.ip(), "refused a receiver by its address");
                Err(refused("the name leads to an address that is not public".to_owned()))
            }
        }
    }

    /// Tries the addresses in order; one that does not answer leaves time for the next.
    async fn connect(&self, addresses: &[SocketAddr]) -> Result<Wire, ConnectError> {
        let share = u32::try_from(addresses.len()).map_or(SHORTEST_TRY, |count| self.connect_within / count.max(1));
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        Footprint::note_stage(Stage::Connecting);
        for address in addresses {
            Footprint::note_connecting(*address);
            match timeout(share.max(SHORTEST_TRY), TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // A body in two segments must not wait for the receiver's delayed acknowledgement.
                    stream.set_nodelay(true).map_err(ConnectError::Io)?;
                    return Ok(Wire::new(stream, *address, self.open.clone()));
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::Error::from(io::ErrorKind::TimedOut),
            }
        }
        Err(ConnectError::Io(last))
    }
}

impl Service<ConnectInfo<Uri>> for Guard {
    type Response = Connection<Uri, Wire>;
    type Error = ConnectError;
    type Future = LocalBoxFuture<'static, Result<Self::Response, ConnectError>>;

    actix_service::always_ready!();

    fn call(&self, info: ConnectInfo<Uri>) -> Self::Future {
        let guard = self.clone();
        Box::pin(async move {
            let uri = info.request().clone();
            Footprint::note_fresh();
            let addresses = guard.checked(&uri.to_string()).await?;
            let wire = guard.connect(&addresses).await?;
            Footprint::note_stage(if uri.scheme_str() == Some("https") { Stage::Agreeing } else { Stage::Begun });
            Ok(Connection::new(uri, wire))
        })
    }
}

fn refused(why: String) -> ConnectError {
    ConnectError::Resolver(Box::new(Refused(why)))
}

fn host_and_port(normalised: &str) -> Option<(Host<String>, u16)> {
    let url = Url::parse(normalised).ok()?;
    Some((url.host()?.to_owned(), url.port_or_known_default()?))
}
