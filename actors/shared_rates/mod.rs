//! Rates counted for all nodes together, in Redis: one script, one round trip for each request.
//!
//! Not here: counting for this node alone (`tenant`), which goes on whenever Redis is not there; and which limit whom
//! concerns (the edge).
//!
//! Redis is a convenience and never a condition. A question waits for a few milliseconds at most; after one that was not
//! answered nobody asks until a connection stands again, which somebody else sees to in the background.
//!
//! # Source
//! redis.io, "EVALSHA" and "Scripting with Lua": a script runs alone, so that two nodes cannot take the same token.

mod question;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use redis::{AsyncConnectionConfig, Client, RedisError, Script, aio::MultiplexedConnection};
use serde::Serialize;
use tokio::sync::Notify;

pub use question::Bucket;

use crate::tenant::Level;

const SCRIPT: &str = include_str!("gcra.lua");
/// Longest wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Pauses between attempts to connect.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Rates that several nodes share. Cheap to clone.
#[derive(Clone)]
pub struct SharedRates(Arc<Inner>);

struct Inner {
    client: Client,
    script: Script,
    answer_within: Duration,
    link: RwLock<Option<Link>>,
    lost: Notify,
    asked: AtomicU64,
    unanswered: AtomicU64,
    connected: AtomicU64,
}

/// A connection, and which one it is.
#[derive(Clone)]
struct Link {
    number: u64,
    connection: MultiplexedConnection,
}

/// What is seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SharedRatesObservation {
    /// Requests are counted for all nodes together now.
    pub shared: bool,
    /// Requests that were counted so since the start.
    pub asked: u64,
    /// Questions without an answer in time; those requests were counted on this node alone.
    pub unanswered: u64,
    /// Connections made since the start.
    pub connected: u64,
}

impl SharedRates {
    /// Takes the address of Redis, as `redis://` or `rediss://`, and the longest wait for one answer. Connects later,
    /// in [`SharedRates::run`].
    ///
    /// # Errors
    /// When that is no such address.
    pub fn new(url: &str, answer_within: Duration) -> Result<Self, RedisError> {
        Ok(Self(Arc::new(Inner {
            client: Client::open(url)?,
            script: Script::new(SCRIPT),
            answer_within,
            link: RwLock::new(None),
            lost: Notify::new(),
            asked: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
            connected: AtomicU64::new(0),
        })))
    }

    /// Is Redis there, as far as is known.
    pub fn is_up(&self) -> bool {
        self.link().is_some()
    }

    /// Takes one token of each bucket, or of none; none where Redis does not answer in time. `now` is this node's time,
    /// which the answer is told in.
    pub async fn spend(&self, now: DateTime<Utc>, buckets: &[Bucket]) -> Option<Vec<Level>> {
        let Link { number, mut connection } = self.link()?;
        let asking = question::ask(&self.0.script, &mut connection, buckets);
        let why = match tokio::time::timeout(self.0.answer_within, asking).await {
            Ok(Ok(answer)) => {
                self.0.asked.fetch_add(1, Ordering::Relaxed);
                return question::levels(now, buckets, &answer);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", self.0.answer_within.as_millis()),
        };
        self.0.unanswered.fetch_add(1, Ordering::Relaxed);
        self.lose(number, &why);
        None
    }

    /// Keeps a connection until it is told to stop.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let keeping = Box::pin(self.keep_for_ever());
        futures::future::select(Box::pin(stop), keeping).await;
        self.put(None);
    }

    /// What there is to see.
    pub fn observe(&self) -> SharedRatesObservation {
        SharedRatesObservation {
            shared: self.is_up(),
            asked: self.0.asked.load(Ordering::Relaxed),
            unanswered: self.0.unanswered.load(Ordering::Relaxed),
            connected: self.0.connected.load(Ordering::Relaxed),
        }
    }

    async fn keep_for_ever(&self) {
        let mut pause = SHORTEST_PAUSE;
        let mut told = false;
        loop {
            let lost = self.0.lost.notified();
            match self.connect().await {
                Ok(()) => {
                    tracing::info!("requests are counted for all nodes together, in Redis");
                    (pause, told) = (SHORTEST_PAUSE, false);
                    lost.await;
                }
                Err(error) if told => tracing::debug!(%error, "Redis is still away"),
                Err(error) => {
                    told = true;
                    tracing::warn!(%error, "Redis cannot be reached; each node counts requests by itself");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> Result<(), RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            // Each question has a limit of its own; this one is for the handshake.
            .set_response_timeout(Some(CONNECT_WITHIN));
        let mut connection = self.0.client.get_multiplexed_async_connection_with_config(&config).await?;
        // A connection that stands proves nothing: whoever listens there must know the script.
        self.0.script.prepare_invoke().load_async(&mut connection).await?;
        let number = self.0.connected.fetch_add(1, Ordering::Relaxed);
        self.put(Some(Link { number, connection }));
        Ok(())
    }

    /// Gives up a connection that did not answer, unless another one stands since; said once for each.
    fn lose(&self, number: u64, why: &str) {
        let mut link = self.0.link.write().unwrap_or_else(PoisonError::into_inner);
        if link.as_ref().is_some_and(|link| link.number == number) {
            *link = None;
            drop(link);
            tracing::warn!("Redis was lost ({why}); each node counts requests by itself until it is back");
            self.0.lost.notify_one();
        }
    }

    fn link(&self) -> Option<Link> {
        self.0.link.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, link: Option<Link>) {
        *self.0.link.write().unwrap_or_else(PoisonError::into_inner) = link;
    }
}

impl fmt::Debug for SharedRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRates").field("observed", &self.observe()).finish_non_exhaustive()
    }
}
