//! The egress: owns an HTTP client, which cannot leave its thread, and counts what is under way.
//!
//! Not here: choosing an egress and replacing a broken one (`pool`).

use std::{cell::Cell, future::ready, rc::Rc, sync::Arc};

use actix::{Actor, AsyncContext, Context, Handler, MessageResult, ResponseFuture};
use awc::{Client, Connector};
use futures::FutureExt;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::{
    certificate::Noting,
    exchange::attempt,
    guard::{Guard, Refused},
    messages::{Answer, FailureClass, Post},
    options::EgressOptions,
    resolver::Lookups,
    wire::OpenCount,
};
use crate::tls;

/// One door out.
pub(super) struct Egress {
    options: Arc<EgressOptions>,
    client: Client,
    guard: Guard,
    /// A mailbox bounds what waits, not what runs: this does.
    seats: Arc<Semaphore>,
    counters: Rc<Counters>,
}

/// What was done since the start.
#[derive(Debug, Default)]
struct Counters {
    posts: Cell<u64>,
    busy: Cell<u64>,
}

/// What an egress says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EgressObservation {
    /// Requests under way.
    pub in_flight: usize,
    /// Most of them at once.
    pub in_flight_limit: usize,
    /// Open connections, of the present pool.
    pub connections: usize,
    /// Requests taken since the start.
    pub posts: u64,
    /// Requests refused because too many were under way.
    pub busy: u64,
}

/// Asks an egress about itself.
#[derive(Debug, actix::Message)]
#[rtype(result = "EgressObservation")]
pub(super) struct Inspect;

/// Asks whether an address may be called.
#[derive(Debug, actix::Message)]
#[rtype(result = "bool")]
pub(super) struct MayCall(pub(super) Arc<str>);

impl Egress {
    pub(super) fn new(options: Arc<EgressOptions>) -> Self {
        let guard = guard(&options);
        let client = client(&options, &guard);
        let seats = Arc::new(Semaphore::new(options.in_flight));
        Self { options, client, guard, seats, counters: Rc::default() }
    }

    /// Begins with an empty pool. Requests under way end on the old one, which closes behind the last.
    fn renew(&mut self) {
        self.guard = guard(&self.options);
        self.client = client(&self.options, &self.guard);
    }

    fn observe(&self) -> EgressObservation {
        EgressObservation {
            in_flight: self.options.in_flight.saturating_sub(self.seats.available_permits()),
            in_flight_limit: self.options.in_flight,
            connections: self.guard.open.get(),
            posts: self.counters.posts.get(),
            busy: self.counters.busy.get(),
        }
    }
}

fn guard(options: &EgressOptions) -> Guard {
    Guard {
        policy: Arc::new(options.policy.clone()),
        lookups: Lookups::new(Arc::clone(&options.resolver)),
        open: OpenCount::default(),
        connect_within: options.connect_within,
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one door out")]
fn client(options: &EgressOptions, guard: &Guard) -> Client {
    // HTTP/1.1 alone: an answer is cut by closing its connection, which must not carry anybody else's, and a
    // window of HTTP/2 would let each receiver push a MiB at us.
    let tls = tls::noting_config(&[b"http/1.1"], &options.further_roots, |verifier| Arc::new(Noting(verifier)));
    let connector = Connector::new()
        .connector(guard.clone())
        .rustls_0_23(Arc::new(tls))
        .timeout(options.connect_within)
        .handshake_timeout(options.connect_within)
        .conn_keep_alive(options.keep_alive)
        // The seats are the limit; awc's own would make requests wait unseen.
        .limit(0);
    Client::builder().connector(connector).disable_redirects().disable_timeout().finish()
}

impl Actor for Egress {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(self.options.in_flight);
        ctx.run_interval(self.options.renew_every, |egress, _| egress.renew());
    }
}

impl Handler<Post> for Egress {
    type Result = ResponseFuture<Answer>;

    fn handle(&mut self, post: Post, _: &mut Context<Self>) -> Self::Result {
        let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() else {
            self.counters.busy.set(self.counters.busy.get().wrapping_add(1));
            return Box::pin(ready(Answer::unsent(FailureClass::Busy, "too many requests are under way")));
        };
        self.counters.posts.set(self.counters.posts.get().wrapping_add(1));
        // A client of its own has no connection and no TLS session to begin from.
        let client = if post.fresh { client(&self.options, &self.guard) } else { self.client.clone() };
        attempt(client, Arc::clone(&self.options), post)
            .map(move |answer| {
                drop(seat);
                answer
            })
            .boxed_local()
    }
}

impl Handler<MayCall> for Egress {
    type Result = ResponseFuture<bool>;

    fn handle(&mut self, MayCall(url): MayCall, _: &mut Context<Self>) -> Self::Result {
        let guard = self.guard.clone();
        let within = self.options.connect_within;
        Box::pin(async move {
            use actix_tls::connect::ConnectError;
            match actix_rt::time::timeout(within, guard.checked(&url)).await {
                Ok(Err(ConnectError::Resolver(why))) => !why.is::<Refused>(),
                _ => true,
            }
        })
    }
}

impl Handler<Inspect> for Egress {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Context<Self>) -> Self::Result {
        MessageResult(self.observe())
    }
}

/// Makes an egress panic, for the test of what happens then.
#[cfg(test)]
#[derive(Debug, actix::Message)]
#[rtype(result = "()")]
pub(super) struct Panic;

#[cfg(test)]
impl Handler<Panic> for Egress {
    type Result = ();

    fn handle(&mut self, _: Panic, _: &mut Context<Self>) {
        panic!("as asked");
    }
}
