//! Finds the actor of an institution: makes it when it is first needed, again when it broke down, and lets it go
//! when nobody asks any more.
//!
//! Not here: what an actor decides (`concerns`). The directory is an actor's only supervisor, because actix's own
//! does not restart after a panic.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, Addr, Handler, Message, dev::ToEnvelope};
use actix_rt::Arbiter;
use chrono::{DateTime, Utc};
use dashmap::DashMap;
use futures::StreamExt;
use serde::{Serialize, Serializer};
use stoa_core::TenantId;

use super::{
    actor::TenantActor,
    messages::{Changed, Heard, Inspect, TenantObservation},
    options::{Nature, TenantOptions},
};
use crate::ask::{AskError, ask, bring};

/// Shortest idle spell after which an actor goes: longer than any permit that it gave may be out.
const IDLE_AT_LEAST: Duration = Duration::from_mins(2);
/// Actors asked at once by an inspection.
const INSPECTED_AT_ONCE: usize = 64;

/// The actors of all institutions that were asked about lately. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct TenantDirectory(Arc<Inner>);

struct Inner {
    tenants: DashMap<TenantId, Entry>,
    arbiters: Box<[Arbiter]>,
    nature: Arc<Nature>,
    options: TenantOptions,
    lives: AtomicU32,
    respawned: AtomicU64,
    retired: AtomicU64,
}

struct Entry {
    /// The only address of the actor: when it goes, so does the actor.
    actor: Addr<TenantActor>,
    life: u32,
    /// In seconds since 1970.
    asked_at: AtomicI64,
}

/// What the directory says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectoryObservation {
    /// Actors alive.
    pub tenants: usize,
    /// Actors made since the start.
    pub spawned: u32,
    /// Of them, in place of one that broke down.
    pub respawned: u64,
    /// Actors let go since the start.
    pub retired: u64,
    /// It hears of changes; where it does not, settings are read again and again.
    pub hears: bool,
    /// The troubled, then the busiest.
    #[serde(serialize_with = "as_objects")]
    pub busiest: Vec<(TenantId, TenantObservation)>,
}

fn as_objects<S: Serializer>(seen: &[(TenantId, TenantObservation)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Named<'a> {
        institution_id: TenantId,
        #[serde(flatten)]
        state: &'a TenantObservation,
    }
    serializer.collect_seq(seen.iter().map(|(tenant, state)| Named { institution_id: *tenant, state }))
}

impl TenantDirectory {
    /// Makes the directory. To be called within an actix system, which its threads become part of.
    pub fn start(options: TenantOptions) -> Self {
        Self(Arc::new(Inner {
            tenants: DashMap::new(),
            arbiters: (0..options.arbiters.max(1)).map(|_| Arbiter::new()).collect(),
            nature: Arc::new(Nature::of(&options)),
            options,
            lives: AtomicU32::new(0),
            respawned: AtomicU64::new(0),
            retired: AtomicU64::new(0),
        }))
    }

    /// Lets idle actors go; answers how many.
    pub fn retire_idle(&self) -> usize {
        let idle_after = self.0.options.idle_after.max(IDLE_AT_LEAST).as_secs();
        let oldest = self.now().timestamp().saturating_sub_unsigned(idle_after);
        let mut gone = 0_usize;
        // Whoever asks holds the shard while the message goes into the mailbox, so none is lost here.
        self.0.tenants.retain(|_, entry| {
            let stays = entry.asked_at.load(Ordering::Relaxed) > oldest;
            gone += usize::from(!stays);
            stays
        });
        self.0.retired.fetch_add(u64::try_from(gone).unwrap_or_default(), Ordering::Relaxed);
        gone
    }

    /// Lets idle actors go, again and again, until it is told to stop.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let every = self.0.options.idle_after.max(IDLE_AT_LEAST) / 4;
        let mut ticks = tokio::time::interval(every);
        let retiring = async {
            loop {
                ticks.tick().await;
                self.retire_idle();
            }
        };
        futures::future::select(Box::pin(stop), Box::pin(retiring)).await;
    }

    /// Says that rows of an institution changed. Wakes nobody up: whoever is made later reads what is there then.
    pub fn changed(&self, tenant: TenantId, what: Changed) {
        if let Some(entry) = self.0.tenants.get(&tenant) {
            bring(&entry.actor, Heard { now: self.now(), what });
        }
    }

    /// Says that anything of anybody may have changed, because news may have been missed.
    pub fn changed_everywhere(&self) {
        let alive: Vec<TenantId> = self.0.tenants.iter().map(|entry| *entry.key()).collect();
        for tenant in alive {
            self.changed(tenant, Changed::All);
        }
    }

    /// Says whether news of changes comes in.
    pub fn hears(&self, hears: bool) {
        self.0.nature.set_hears(hears);
    }

    /// Actors alive.
    pub fn len(&self) -> usize {
        self.0.tenants.len()
    }

    /// Is none alive.
    pub fn is_empty(&self) -> bool {
        self.0.tenants.is_empty()
    }

    /// Asks every actor about itself and shows at most so many, the busiest and the troubled first.
    pub async fn inspect(&self, most: usize) -> DirectoryObservation {
        let now = self.now();
        let tenants: Vec<TenantId> = self.0.tenants.iter().map(|entry| *entry.key()).collect();
        let asked = tenants.into_iter().filter_map(|tenant| {
            let entry = self.0.tenants.get(&tenant)?;
            let answer = ask(&entry.actor, Inspect { now }, self.0.options.ask_within);
            Some(async move { Some((tenant, answer.await.ok()?)) })
        });
        let answers = futures::stream::iter(asked).buffer_unordered(INSPECTED_AT_ONCE);
        let mut busiest: Vec<_> = answers.filter_map(std::future::ready).collect().await;
        busiest.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.weight()));
        busiest.truncate(most);
        DirectoryObservation {
            tenants: self.len(),
            spawned: self.0.lives.load(Ordering::Relaxed),
            respawned: self.0.respawned.load(Ordering::Relaxed),
            retired: self.0.retired.load(Ordering::Relaxed),
            hears: self.0.nature.hears(),
            busiest,
        }
    }

    /// Asks, and once more after making a new actor in place of one that is gone.
    pub(super) async fn ask<M>(&self, tenant: TenantId, message: M) -> Result<M::Result, AskError>
    where
        M: Message + Clone + Send + 'static,
        M::Result: Send,
        TenantActor: Handler<M>,
        <TenantActor as Actor>::Context: ToEnvelope<TenantActor, M>,
    {
        let (life, answer) = self.send(tenant, message.clone());
        match answer.await {
            Err(AskError::Closed) => {
                self.bury(tenant, life);
                self.send(tenant, message).1.await
            }
            answer => answer,
        }
    }

    /// Asks whoever is alive. The message is in the mailbox when this returns.
    pub(super) fn ask_if_alive<M>(
        &self,
        tenant: TenantId,
        message: M,
    ) -> Option<impl Future<Output = Result<M::Result, AskError>> + Send + use<M>>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        TenantActor: Handler<M>,
        <TenantActor as Actor>::Context: ToEnvelope<TenantActor, M>,
    {
        let entry = self.0.tenants.get(&tenant)?;
        Some(ask(&entry.actor, message, self.0.options.ask_within))
    }

    /// Puts a message into the mailbox of the actor that lives now, or of a new one; tells which life that is.
    fn send<M>(
        &self,
        tenant: TenantId,
        message: M,
    ) -> (u32, impl Future<Output = Result<M::Result, AskError>> + Send + use<M>)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        TenantActor: Handler<M>,
        <TenantActor as Actor>::Context: ToEnvelope<TenantActor, M>,
    {
        if let Some(entry) = self.0.tenants.get(&tenant) {
            return (entry.life, self.put(&entry, message));
        }
        let entry = self.0.tenants.entry(tenant).or_insert_with(|| self.spawn(tenant));
        (entry.life, self.put(&entry, message))
    }

    fn put<M>(&self, entry: &Entry, message: M) -> impl Future<Output = Result<M::Result, AskError>> + Send + use<M>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        TenantActor: Handler<M>,
        <TenantActor as Actor>::Context: ToEnvelope<TenantActor, M>,
    {
        entry.asked_at.store(self.now().timestamp(), Ordering::Relaxed);
        ask(&entry.actor, message, self.0.options.ask_within)
    }

    /// Forgets an actor that did not survive a question; not its successor, which somebody else may have made since.
    fn bury(&self, tenant: TenantId, life: u32) {
        if self.0.tenants.remove_if(&tenant, |_, entry| entry.life == life).is_some() {
            self.0.respawned.fetch_add(1, Ordering::Relaxed);
            tracing::error!(tenant.id = %tenant, "a tenant's actor broke down and is replaced");
        }
    }

    fn spawn(&self, tenant: TenantId) -> Entry {
        let life = self.0.lives.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let nature = Arc::clone(&self.0.nature);
        let born_at = self.now();
        let arbiters = &self.0.arbiters;
        let place =
            u64::try_from(arbiters.len()).ok().and_then(|count| tenant.uuid().as_u64_pair().1.checked_rem(count));
        let arbiter = place.and_then(|place| arbiters.get(usize::try_from(place).ok()?));
        let make = move |_: &mut actix::Context<TenantActor>| TenantActor::new(tenant, nature, (life, born_at));
        let actor = match arbiter {
            Some(arbiter) => TenantActor::start_in_arbiter(&arbiter.handle(), make),
            None => unreachable!("there is at least one arbiter"),
        };
        Entry { actor, life, asked_at: AtomicI64::new(0) }
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.0.options.clock.now()
    }

    /// Longest wait for the first settings of an institution.
    pub(super) fn warm_within(&self) -> Duration {
        self.0.options.warm_within
    }
}

impl fmt::Debug for TenantDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantDirectory").field("tenants", &self.len()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
    }
}
