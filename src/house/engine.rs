//! Everything but the listeners, started together and stopped in order.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use chrono::TimeDelta;
use stoa_actors::{
    bell::{Bell, Channel},
    egress::EgressPool,
    mailer::Mailer,
    observe::Registry as Cast,
    tenant::TenantDirectory,
};
use stoa_core::{
    db::Db,
    events::HandoffReceiver,
    progress::{Recorder, Writers},
    sealed::Sealer,
};
use stoa_http::{App, Road, limits::Limiter};
use stoa_jobs::{
    Accounts, JobTools, MailTools, ProcessId, Queue, Registry,
    queue::{self, Leases, Wakes},
    record, relay, schedule,
    webhooks::{PostRoom, PostRoomParts, PostRoomWorks},
    worker,
};
use stoa_protocols::render::Renderer;
use tokio::{sync::watch, task::JoinSet};

use super::{
    parts,
    tenants::{TenantReadings, TenantRows},
};
use crate::{
    config::{Loaded, key_source},
    telemetry,
};

/// How often uses of tokens are written down.
const NOTES_EVERY: Duration = Duration::from_secs(5);
/// How often other processes are told of new events at most.
const NEWS_EVERY: Duration = Duration::from_millis(100);

/// The tasks of the house, in the order in which they are stopped.
pub(super) struct Engine {
    app: Arc<App>,
    /// Relay, workers, calendar, actors: end when told.
    stop: watch::Sender<bool>,
    working: JoinSet<()>,
    /// Take in what requests handed over: end when told, after the last request.
    stop_writing: watch::Sender<bool>,
    writing: JoinSet<()>,
    /// Keep promises in hand alive until the last is given back.
    keeping: JoinSet<()>,
}

struct Built {
    tools: JobTools,
    works: PostRoomWorks,
    writers: Writers,
    bell: Bell,
    directory: TenantDirectory,
    readings: TenantReadings,
}

impl Engine {
    /// Starts what the role needs, and gives the house as handlers see it. Without a handoff nothing is worked on.
    ///
    /// # Errors
    /// A setting that does not hold: an address, a folder, a template.
    pub(super) fn start(loaded: &Loaded, db: &Db, handed: Option<HandoffReceiver>) -> anyhow::Result<(Self, Arc<App>)> {
        let (app, built) = build(loaded, db)?;
        let (stop, stopping) = watch::channel(false);
        let (stop_writing, told_to_write_no_more) = watch::channel(false);
        let mut engine = Self {
            app: Arc::clone(&app),
            stop,
            stop_writing,
            working: JoinSet::new(),
            writing: JoinSet::new(),
            keeping: JoinSet::new(),
        };
        engine.writing.spawn(built.writers.run(told_to_write_no_more));
        engine.keeping.spawn(queue::keep_leases(db.clone(), built.tools.leases.clone(), stopping.clone()));
        engine.working.spawn(built.works.run(stopping.clone()));
        engine.working.spawn(take_notes(Arc::downgrade(&app), stopping.clone()));
        let (directory, told) = (built.directory, stopping.clone());
        engine.working.spawn(async move { directory.run(until(told)).await });
        engine.working.spawn(built.readings.run(until(stopping.clone())));
        if let Some(shared) = app.limits.shares().cloned() {
            let told = stopping.clone();
            engine.working.spawn(async move { shared.run(until(told)).await });
        }
        let (endpoint, told, bell) = (db.endpoint().clone(), stopping.clone(), built.bell.clone());
        engine.working.spawn(async move { bell.run(endpoint, until(told)).await });
        engine.working.spawn(tell_others(db.clone(), stopping.clone()));
        if let Some(handed) = handed {
            engine.work(loaded, handed, (built.tools, built.bell), &stopping);
        }
        Ok((engine, app))
    }

    fn work(
        &mut self,
        loaded: &Loaded,
        handed: HandoffReceiver,
        (tools, bell): (JobTools, Bell),
        stopping: &watch::Receiver<bool>,
    ) {
        self.working.spawn(wake_for_others(bell.clone(), tools.wakes.clone(), stopping.clone()));
        let options = parts::relay(&loaded.config);
        self.working.spawn(relay::run(tools.clone(), options, handed, (bell, stopping.clone())));
        self.working.spawn(schedule::keep(tools.clone(), schedule::house(), stopping.clone()));
        self.working.spawn(record::follow::run(tools.clone(), stopping.clone()));
        let registry = Arc::new(Registry::house());
        for options in parts::workers(&loaded.config) {
            self.working.spawn(worker::work(tools.clone(), Arc::clone(&registry), options, stopping.clone()));
        }
    }

    /// Stops in order; what does not end within the grace is left to the promises in the database.
    pub(super) async fn stop(self, grace: Duration) {
        let Self { app, stop, stop_writing, mut working, mut writing, mut keeping } = self;
        if let Err(error) = app.touches.flush(&app.db).await {
            tracing::warn!(%error, "last uses of tokens were not written down");
        }
        // Errors mean that nobody listens any more.
        let _ = stop_writing.send(true);
        ended("the writers", &mut writing, grace).await;
        let _ = stop.send(true);
        ended("the workers", &mut working, grace + Duration::from_secs(5)).await;
        ended("the leases", &mut keeping, Duration::from_secs(2)).await;
    }
}

async fn ended(who: &str, tasks: &mut JoinSet<()>, within: Duration) {
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(within, all).await.is_err() {
        tracing::warn!("{who} did not end in time; what they had in hand comes back by the queue");
        tasks.abort_all();
    }
}

async fn until(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn build(loaded: &Loaded, db: &Db) -> anyhow::Result<(Arc<App>, Built)> {
    let config = &loaded.config;
    let clock = Arc::clone(db.clock());
    let sealer = Sealer::from_source(key_source(loaded))?;
    let leases = Leases::new(ProcessId::fresh(db), TimeDelta::seconds(i64::try_from(config.jobs.lease_secs)?));
    let wakes = Wakes::new();
    let outbound = EgressPool::start(parts::egress(config, Arc::clone(&clock)));
    let (rows, readings) = TenantRows::new(db.clone());
    let directory = TenantDirectory::start(parts::tenants(config, Arc::clone(&clock), Arc::new(rows)));
    let mailer = Mailer::new(parts::transport(config)?)?;
    let bell = Bell::new(db.news().clone(), directory.clone());
    let limits = parts::limiter(config)?;
    let cast = cast(&outbound, &directory, &mailer, &bell, &limits);
    let (post_room, works) = PostRoom::new(PostRoomParts {
        db: db.clone(),
        outbound: Arc::new(outbound),
        directory: directory.clone(),
        sealer: sealer.clone(),
        base_url: parts::base_url(config).into(),
        wakes: wakes.clone(),
        leases: leases.clone(),
    });
    let (recorder, writers) = Recorder::new(db.clone(), parts::recorder(config));
    let mail = MailTools { renderer: Arc::new(Renderer::new()?), mailer, from: parts::sender(config) };
    let road = Road {
        recorder,
        post_room: post_room.clone(),
        wakes: wakes.clone(),
        targets: parts::targets(config),
        tenants: directory.clone(),
    };
    let storage = parts::storage(config)?;
    let app = Arc::new(App {
        db: db.clone(),
        sealer: sealer.clone(),
        settings: parts::edge(config),
        passwords: parts::passwords(config)?,
        tokens: stoa_http::caller::TokenCache::default(),
        limits,
        touches: stoa_core::tokens::Touches::default(),
        actors: cast,
        metrics: Some(telemetry::collect_metrics()?),
        road,
        storage: storage.clone(),
        readiness: stoa_http::ops::Readiness::default(),
    });
    let accounts = Accounts { sealer, app_url: parts::app_url(config).into(), rules: parts::accounts(config) };
    let tools = JobTools {
        db: db.clone(),
        clock,
        leases,
        wakes,
        post_room,
        tenants: directory.clone(),
        mail,
        accounts,
        storage,
        retention: parts::retention(config),
        health: parts::health(config),
    };
    Ok((app, Built { tools, works, writers, bell, directory, readings }))
}

/// The live things, for the operator to look at.
fn cast(outbound: &EgressPool, directory: &TenantDirectory, mailer: &Mailer, bell: &Bell, limits: &Limiter) -> Cast {
    let cast = Cast::default();
    cast.enter(outbound.clone());
    cast.enter(directory.clone());
    cast.enter(mailer.clone());
    cast.enter(bell.clone());
    if let Some(shared) = limits.shares() {
        cast.enter(shared.clone());
    }
    cast
}

/// Tells other processes of new events, many at a time.
async fn tell_others(db: Db, stop: watch::Receiver<bool>) {
    let telling = async {
        loop {
            db.news().untold().await;
            if let Err(error) = db.news().tell(&db).await {
                tracing::debug!(%error, "other processes were not told of new events; they look by the clock");
            }
            tokio::time::sleep(NEWS_EVERY).await;
        }
    };
    futures::future::select(std::pin::pin!(until(stop)), std::pin::pin!(telling)).await;
}

/// Wakes this node's workers when another process promised work.
async fn wake_for_others(bell: Bell, wakes: Wakes, stop: watch::Receiver<bool>) {
    let waking = async {
        loop {
            bell.rung(Channel::Jobs).await;
            for queue in Queue::ALL {
                wakes.wake(*queue);
            }
        }
    };
    futures::future::select(std::pin::pin!(until(stop)), std::pin::pin!(waking)).await;
}

/// Writes down uses of tokens.
async fn take_notes(app: Weak<App>, stop: watch::Receiver<bool>) {
    let noting = async {
        let mut ticks = tokio::time::interval(NOTES_EVERY);
        loop {
            ticks.tick().await;
            let Some(app) = app.upgrade() else { return };
            if let Err(error) = app.touches.flush(&app.db).await {
                tracing::warn!(%error, "uses of tokens could not be written down; they are kept");
            }
        }
    };
    futures::future::select(std::pin::pin!(until(stop)), std::pin::pin!(noting)).await;
}
