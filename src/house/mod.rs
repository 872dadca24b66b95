//! Composition: what a role is made of, in which order it starts, and in which order it stops.
//!
//! - [`parts`] turns settings into the options of each room.
//! - [`engine`] is everything but the listeners: writers, relay, post room, workers, calendar, actors.
//! - [`tenants`] reads what the actors of institutions know of the rows.
//! - [`listeners`] are the public one and the operator's.
//! - [`demo`] fills a new house with a small school.
//!
//! The order of stopping: say so on `/readyz`; take no more requests and finish those that came; take in what they
//! handed over; relay and claim nothing more; finish and settle attempts under way; give leases back; close the
//! pools; stop PostgreSQL, if it is ours.

mod demo;
mod engine;
mod listeners;
mod parts;
mod tenants;

use std::{io, sync::Arc, time::Duration};

use stoa_core::{
    clock::SystemClock,
    db::{Db, migrate},
    events::Handoff,
    retention,
};
use tokio::task::spawn_blocking;

use crate::{
    cluster::Database,
    config::{Config, Loaded},
    signals::Signals,
};
pub use demo::DemoFile;
use engine::Engine;
pub(crate) use parts::{
    accounts as account_rules, institutions as institution_rules, storage, storage_dir, storage_dir_setting,
};
pub use tenants::{TenantReadings, TenantRows};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Serves and works.
    All,
    /// Serves the API.
    Serve,
    /// Relays events, delivers webhooks, runs jobs.
    Work,
}

impl Role {
    const fn serves(self) -> bool {
        matches!(self, Self::All | Self::Serve)
    }

    const fn works(self) -> bool {
        matches!(self, Self::All | Self::Work)
    }
}

/// Runs until a signal ends it.
///
/// # Errors
/// Whatever kept it from starting.
pub async fn run(loaded: &Loaded, role: Role) -> anyhow::Result<()> {
    let mut signals = Signals::take_over()?;
    let started = tokio::select! {
        started = start(loaded, role) => started?,
        signal = signals.next() => {
            tracing::info!("{signal} while starting");
            return Ok(());
        }
    };
    let signal = signals.next().await;
    tracing::info!("{signal}: stopping; once more to stop at once");
    let grace = Duration::from_secs(loaded.config.server.shutdown_grace_secs);
    tokio::select! {
        () = started.stop(grace) => Ok(()),
        _ = signals.next() => std::process::exit(130),
    }
}

/// Reads how scripts come in to the house that is configured; none when it has no demo institution.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read_demo_file(config: &Config) -> io::Result<Option<DemoFile>> {
    demo::read(&parts::demo_file(config))
}

/// Everything that runs.
struct Started {
    listeners: listeners::Listeners,
    engine: Engine,
    db: Db,
    database: Database,
}

async fn start(loaded: &Loaded, role: Role) -> anyhow::Result<Started> {
    let config = &loaded.config;
    let database = own_database(loaded).await?;
    let (handoff, handed) = if role.works() {
        let (give, take) = Handoff::bounded(config.relay.handoff_commits_max);
        (give, Some(take))
    } else {
        (Handoff::none(), None)
    };
    let db = Db::new(database.endpoint(), &parts::pools(config), Arc::new(SystemClock), handoff)?;
    db.check().await?;
    prepare(&db).await?;
    let (engine, app) = Engine::start(loaded, &db, handed)?;
    let demo = if role.works() && demo::is_wanted(loaded, &database) {
        Some(demo::prepare(loaded, &app).await?)
    } else {
        None
    };
    let listeners = listeners::open(config, &app, role)?;
    if let Some(file) = demo {
        demo::show(&file, &parts::demo_file(config));
    }
    tracing::info!(?role, "ready on {}", parts::base_url(config));
    Ok(Started { listeners, engine, db, database })
}

/// What the first event finds in order: a place in the feed, and a partition to lie in.
async fn prepare(db: &Db) -> anyhow::Result<()> {
    if retention::settle_positions(db).await? {
        tracing::info!("the database is new in this cluster; places in the feed go on above those that are taken");
    }
    // Without partitions made ahead nothing fails, so a table that is locked for a moment is no reason not to start.
    match retention::make_partitions(db).await {
        Ok(0) => {}
        Ok(made) => tracing::info!("made {made} partitions ahead"),
        Err(error) => tracing::warn!(%error, "partitions could not be made; housekeeping tries again"),
    }
    Ok(())
}

/// The database, up to date. If a signal ends the wait, PostgreSQL is stopped as soon as it has started.
async fn own_database(loaded: &Loaded) -> anyhow::Result<Database> {
    let config = loaded.config.clone();
    let start = move || {
        let database = Database::own(&config)?;
        let run = migrate(&database.endpoint())?;
        if !run.is_empty() {
            tracing::info!("ran {} migrations", run.len());
        }
        anyhow::Ok(database)
    };
    spawn_blocking(start).await?
}

impl Started {
    async fn stop(self, grace: Duration) {
        self.listeners.stop(grace).await;
        self.engine.stop(grace).await;
        self.db.close();
        // Waits for PostgreSQL to stop.
        let database = self.database;
        if let Err(error) = spawn_blocking(move || drop(database)).await {
            tracing::error!("stopping the database: {error}");
        }
    }
}
