//! The egresses as one: chooses, replaces the broken, and can be held by anybody.
//!
//! Not here: HTTP (`exchange`).

use std::{
    fmt,
    future::Future,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Addr, Handler, Message, dev::ToEnvelope};
use actix_rt::{Arbiter, ArbiterHandle};
use futures::future::BoxFuture;
use serde::Serialize;

use super::{
    actor::{Egress, EgressObservation, Inspect, MayCall},
    messages::{Answer, FailureClass, Outbound, Post},
    options::EgressOptions,
};
use crate::ask::{AskError, ask};

/// An egress is left for the other while it has this many requests more under way.
const LEAN: usize = 8;
/// Beyond the limit of an attempt, for the mailbox and a busy thread.
const SLACK: Duration = Duration::from_secs(2);
const INSPECT_WITHIN: Duration = Duration::from_secs(1);

/// Every egress of this process. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct EgressPool(Arc<Inner>);

struct Inner {
    doors: Box<[Door]>,
    arbiters: Box<[Arbiter]>,
    options: Arc<EgressOptions>,
    hasher: RandomState,
    respawned: AtomicU64,
}

struct Door {
    egress: RwLock<Addr<Egress>>,
    arbiter: ArbiterHandle,
    under_way: AtomicUsize,
}

/// What the pool says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolObservation {
    /// Egresses replaced because they broke down.
    pub respawned: u64,
    /// Each egress; none where one did not answer.
    pub egresses: Vec<Option<EgressObservation>>,
}

impl EgressPool {
    /// Starts the egresses. To be called within an actix system, of which each becomes a thread.
    pub fn start(options: EgressOptions) -> Self {
        let options = Arc::new(options);
        let arbiters: Box<[Arbiter]> = (0..options.arbiters.max(1)).map(|_| Arbiter::new()).collect();
        let doors = arbiters.iter().map(|arbiter| Door::open(arbiter.handle(), &options)).collect();
        let respawned = AtomicU64::new(0);
        Self(Arc::new(Inner { doors, arbiters, options, hasher: RandomState::new(), respawned }))
    }

    /// Sends, and answers whatever happens: within the limit of an attempt and two seconds more.
    pub async fn post(&self, post: Post) -> Answer {
        let Some(door) = self.choose(&post.url) else { return broken("there is no way out") };
        let _counted = door.enter();
        match self.ask(door, post, self.0.options.total_within + SLACK).await {
            Ok(answer) => answer,
            Err(AskError::Closed) => broken("the sender broke down"),
            Err(AskError::TimedOut) => broken("the sender did not answer"),
        }
    }

    /// Says whether an address may be called as its name resolves now; yes, if the name does not.
    pub async fn permits(&self, url: Arc<str>) -> bool {
        let Some(door) = self.choose(&url) else { return true };
        self.ask(door, MayCall(url), self.0.options.connect_within + SLACK).await.unwrap_or(true)
    }

    /// Asks every egress about itself.
    pub async fn inspect(&self) -> PoolObservation {
        let asked = self.0.doors.iter().map(|door| self.ask(door, Inspect, INSPECT_WITHIN));
        let egresses = futures::future::join_all(asked).await.into_iter().map(Result::ok).collect();
        PoolObservation { respawned: self.0.respawned.load(Ordering::Relaxed), egresses }
    }

    /// Makes every egress panic.
    #[cfg(test)]
    pub(super) async fn break_down(&self) {
        for door in &self.0.doors {
            let answer = self.ask(door, super::actor::Panic, INSPECT_WITHIN).await;
            assert_eq!(answer, Err(AskError::Closed));
            // The question falls a moment before the mailbox does.
            while door.egress.read().unwrap_or_else(PoisonError::into_inner).connected() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Prefers one egress for a receiver, where its connections are kept; leaves it while another has less to do,
    /// so that a single hot receiver has all of them.
    fn choose(&self, url: &str) -> Option<&Door> {
        let doors = &self.0.doors;
        let count = u64::try_from(doors.len()).ok()?;
        let place = self.0.hasher.hash_one(authority(url)).checked_rem(count)?;
        let preferred = doors.get(usize::try_from(place).ok()?)?;
        let idlest = doors.iter().min_by_key(|door| door.load())?;
        Some(if preferred.load() > idlest.load() + LEAN { idlest } else { preferred })
    }

    fn ask<M>(
        &self,
        door: &Door,
        message: M,
        within: Duration,
    ) -> impl Future<Output = Result<M::Result, AskError>> + Send + use<M>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        Egress: Handler<M>,
        <Egress as Actor>::Context: ToEnvelope<Egress, M>,
    {
        self.replace_if_broken(door);
        ask(&door.egress.read().unwrap_or_else(PoisonError::into_inner), message, within)
    }

    /// A panic closes a mailbox for ever, and no supervisor of actix opens it again.
    fn replace_if_broken(&self, door: &Door) {
        if door.egress.read().unwrap_or_else(PoisonError::into_inner).connected() {
            return;
        }
        let mut egress = door.egress.write().unwrap_or_else(PoisonError::into_inner);
        if !egress.connected() {
            *egress = spawn(&door.arbiter, &self.0.options);
            self.0.respawned.fetch_add(1, Ordering::Relaxed);
            tracing::error!("an egress broke down and was replaced");
        }
    }
}

impl Outbound for EgressPool {
    fn post(&self, post: Post) -> BoxFuture<'_, Answer> {
        Box::pin(self.post(post))
    }

    fn permits(&self, url: Arc<str>) -> BoxFuture<'_, bool> {
        Box::pin(self.permits(url))
    }
}

impl fmt::Debug for EgressPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EgressPool").field("egresses", &self.0.doors.len()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
    }
}

impl Door {
    fn open(arbiter: ArbiterHandle, options: &Arc<EgressOptions>) -> Self {
        Self { egress: RwLock::new(spawn(&arbiter, options)), arbiter, under_way: AtomicUsize::new(0) }
    }

    fn load(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    fn enter(&self) -> Counted<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Counted(self)
    }
}

/// One request under way, counted as long as somebody waits for it.
struct Counted<'a>(&'a Door);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

fn spawn(arbiter: &ArbiterHandle, options: &Arc<EgressOptions>) -> Addr<Egress> {
    let options = Arc::clone(options);
    Egress::start_in_arbiter(arbiter, move |_| Egress::new(options))
}

/// Host and port in an absolute address.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn broken(detail: &str) -> Answer {
    Answer::unsent(FailureClass::Interrupted, detail)
}
