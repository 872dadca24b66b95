//! The bell: hears from PostgreSQL that somebody committed something, and wakes who waits for it.
//!
//! Not here: what is done about it (`stoa_jobs`), and ringing, which triggers do. A bell that is not heard loses
//! nothing: whoever waits also looks by the clock.
//!
//! It remembers nothing but its connection, so it is a future and not an actor.

mod listen;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::{Either, select};
use serde::Serialize;
use stoa_core::{TenantId, db::Endpoint, events::News};
use tokio::sync::Notify;

use crate::tenant::{Changed, TenantDirectory};

/// Pauses between attempts to listen.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The notifications of changed institutions in PostgreSQL, and what stands behind the id where only counters changed.
const TENANTS_CHANNEL: &str = "stoa_tenants";
const COUNTS: &str = "counts";

/// Names what there is news of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Events that nobody has relayed.
    Outbox,
    /// Jobs that are due.
    Jobs,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Outbox, Self::Jobs];

    /// The name in PostgreSQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outbox => "stoa_outbox",
            Self::Jobs => "stoa_jobs",
        }
    }
}

/// Wakes who waits. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    outbox: Notify,
    jobs: Notify,
    news: News,
    directory: Option<TenantDirectory>,
    listening: AtomicBool,
    rung: AtomicU64,
    connected: AtomicU64,
}

/// What the bell says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BellObservation {
    /// Is connected now.
    pub listening: bool,
    /// Connections made since the start.
    pub connected: u64,
    /// News heard since the start.
    pub rung: u64,
}

impl Bell {
    /// A bell that brings word of new events to who waits for them, and of changed institutions to their actors,
    /// beside what it rings for itself.
    pub fn new(news: News, directory: TenantDirectory) -> Self {
        Self(Arc::new(Inner { news, directory: Some(directory), ..Inner::default() }))
    }

    /// Waits for news of a channel. News that comes while nobody waits is kept for the next who does, once.
    ///
    /// One waiter for a channel: with two, only one of them wakes.
    pub async fn rung(&self, channel: Channel) {
        self.notify(channel).notified().await;
    }

    /// Wakes who waits for a channel. For a node's own commits, and for tests.
    pub fn ring(&self, channel: Channel) {
        self.0.rung.fetch_add(1, Ordering::Relaxed);
        self.notify(channel).notify_one();
    }

    /// Listens until it is told to stop; connects again, however often the connection breaks.
    pub async fn run(&self, endpoint: Endpoint, stop: impl Future<Output = ()>) {
        let listening = Box::pin(self.listen_for_ever(endpoint));
        match select(Box::pin(stop), listening).await {
            Either::Left(_) => self.deaf(),
            Either::Right((never, _)) => never,
        }
    }

    /// What there is to see.
    pub fn observe(&self) -> BellObservation {
        BellObservation {
            listening: self.0.listening.load(Ordering::Relaxed),
            connected: self.0.connected.load(Ordering::Relaxed),
            rung: self.0.rung.load(Ordering::Relaxed),
        }
    }

    async fn listen_for_ever(&self, endpoint: Endpoint) -> ! {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let before = self.0.connected.load(Ordering::Relaxed);
            let broke = listen::until_broken(self, &endpoint).await;
            self.deaf();
            tracing::warn!(error = %broke, "the bell lost PostgreSQL; connecting again");
            let connected = self.0.connected.load(Ordering::Relaxed) > before;
            pause = if connected { SHORTEST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            tokio::time::sleep(pause).await;
        }
    }

    /// Notes that it listens, and rings for what was committed while it did not.
    fn listening(&self) {
        self.0.listening.store(true, Ordering::Relaxed);
        self.0.connected.fetch_add(1, Ordering::Relaxed);
        for channel in Channel::ALL {
            self.notify(channel).notify_one();
        }
        self.0.news.ring_all();
        if let Some(directory) = &self.0.directory {
            directory.hears(true);
            directory.changed_everywhere();
        }
    }

    /// Notes that it hears nothing.
    fn deaf(&self) {
        self.0.listening.store(false, Ordering::Relaxed);
        if let Some(directory) = &self.0.directory {
            directory.hears(false);
        }
    }

    /// Brings word of a changed institution to its actor: its id, what changed of it, or nothing for anybody's anything.
    fn heard_change(&self, payload: &str) {
        self.0.rung.fetch_add(1, Ordering::Relaxed);
        let Some(directory) = &self.0.directory else { return };
        let (id, what) = payload.split_once(' ').unwrap_or((payload, ""));
        let what = if what == COUNTS { Changed::Counts } else { Changed::Settings };
        match id.parse().map(TenantId::from_uuid) {
            Ok(tenant) => directory.changed(tenant, what),
            Err(_) => directory.changed_everywhere(),
        }
    }

    /// Brings word of new events to who waits for them.
    fn heard_news(&self, payload: &str) {
        self.0.rung.fetch_add(1, Ordering::Relaxed);
        self.0.news.ring_named(payload);
    }

    fn notify(&self, channel: Channel) -> &Notify {
        match channel {
            Channel::Outbox => &self.0.outbox,
            Channel::Jobs => &self.0.jobs,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn keeps_news_for_the_next_who_waits_and_channels_apart() {
        let bell = Bell::default();
        assert!(bell.rung(Channel::Jobs).now_or_never().is_none());
        bell.ring(Channel::Jobs);
        bell.ring(Channel::Jobs);
        assert!(bell.rung(Channel::Outbox).now_or_never().is_none());
        assert!(bell.rung(Channel::Jobs).now_or_never().is_some());
        assert!(bell.rung(Channel::Jobs).now_or_never().is_none());
    }

    #[tokio::test]
    async fn rings_everything_when_it_begins_to_listen() {
        let bell = Bell::default();
        bell.listening();
        for channel in Channel::ALL {
            assert!(bell.rung(channel).now_or_never().is_some());
        }
        assert_eq!(bell.observe(), BellObservation { listening: true, connected: 1, rung: 0 });
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_database_it_tries_until_it_is_stopped() {
        let nowhere = Endpoint {
            url: "host=/nonexistent user=nobody dbname=none".to_owned(),
            app_url: None,
            relay_url: None,
            trusts_names: true,
        };
        let bell = Bell::default();
        bell.run(nowhere, tokio::time::sleep(Duration::from_mins(1))).await;
        assert_eq!(bell.observe(), BellObservation { listening: false, connected: 0, rung: 0 });
    }
}
