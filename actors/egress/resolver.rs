//! Names to addresses.
//!
//! Not here: whether an address may be called (`guard`).

use std::{cell::RefCell, collections::HashMap, fmt, io, net::SocketAddr, rc::Rc, sync::Arc};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

/// Looks names up.
pub trait Resolver: Send + Sync + fmt::Debug {
    /// Every address of a host, in the order to try them.
    fn lookup(&self, host: &str, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn lookup(&self, host: &str, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let host = host.to_owned();
        async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) }.boxed()
    }
}

type Found = Result<Arc<[SocketAddr]>, Arc<str>>;

/// The lookups that are under way, one for each name however many wait for it.
///
/// The system's resolver holds a thread until it answers, also when nobody waits any longer. One thread for a name
/// is what a name server that hangs may cost.
#[derive(Debug, Clone)]
pub(super) struct Lookups {
    resolver: Arc<dyn Resolver>,
    running: Rc<RefCell<HashMap<String, Shared<BoxFuture<'static, Found>>>>>,
}

impl Lookups {
    pub(super) fn new(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, running: Rc::default() }
    }

    /// Every address of a host, or why there is none.
    pub(super) async fn addresses(&self, host: &str, port: u16) -> Found {
        let key = format!("{host}:{port}");
        let lookup = self.running.borrow_mut().entry(key.clone()).or_insert_with(|| self.start(host, port)).clone();
        let found = lookup.await;
        self.running.borrow_mut().remove(&key);
        found
    }

    fn start(&self, host: &str, port: u16) -> Shared<BoxFuture<'static, Found>> {
        let lookup = self.resolver.lookup(host, port);
        async move {
            match lookup.await {
                Ok(addresses) if addresses.is_empty() => Err(Arc::from("the name has no address")),
                Ok(addresses) => Ok(Arc::from(addresses)),
                Err(error) => Err(Arc::from(error.to_string())),
            }
        }
        .boxed()
        .shared()
    }
}
