//! The pools: one behind the wall, one for the house's own work.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::QueryableByName;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
};
use futures::FutureExt;
use tokio_postgres::Config;

use super::{
    connect::{Endpoint, Login, connect},
    failed,
    sql::sql,
    unavailable,
};
use crate::{
    clock::Clock,
    error::{Error, Result},
    events::{Handoff, News},
    id::Ids,
};

/// How large the pools are.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// Connections behind the wall.
    pub app_connections: usize,
    /// Connections for the house's own work.
    pub relay_connections: usize,
    /// Longest wait for a free connection.
    pub wait: Duration,
}

/// The way to the rows: pools, clock and ids. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

pub(crate) struct Inner {
    app: Lender,
    relay: Lender,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Ids,
    pub(crate) handoff: Handoff,
    news: News,
    endpoint: Endpoint,
}

/// A pool, and how long it has been waited for.
struct Lender {
    pool: Pool<AsyncPgConnection>,
    loans: AtomicU64,
    waited_micros: AtomicU64,
}

impl Lender {
    fn new(pool: Pool<AsyncPgConnection>) -> Self {
        Self { pool, loans: AtomicU64::new(0), waited_micros: AtomicU64::new(0) }
    }

    async fn lend(&self) -> Result<Object<AsyncPgConnection>> {
        let asked = Instant::now();
        let lent = self.pool.get().await;
        let waited = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited_micros.fetch_add(waited, Ordering::Relaxed);
        self.loans.fetch_add(1, Ordering::Relaxed);
        lent.map_err(unavailable)
    }
}

/// How busy a pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// Name of the pool.
    pub name: &'static str,
    /// Open connections.
    pub open: usize,
    /// Of them, idle.
    pub idle: usize,
    /// Waiting for one.
    pub waiting: usize,
    /// Connections lent since the start.
    pub loans: u64,
    /// How long they were waited for since the start, together.
    pub waited: Duration,
}

impl Db {
    /// Makes the pools; connects to nothing yet.
    ///
    /// # Errors
    /// `internal` when an address is not one.
    pub fn new(endpoint: Endpoint, options: &DbOptions, clock: Arc<dyn Clock>, handoff: Handoff) -> Result<Self> {
        let app = pool(endpoint.config(Login::App)?, options.app_connections, options.wait)?;
        let relay = pool(endpoint.config(Login::Relay)?, options.relay_connections, options.wait)?;
        let (app, relay) = (Lender::new(app), Lender::new(relay));
        Ok(Self(Arc::new(Inner { app, relay, clock, ids: Ids::new(), handoff, news: News::default(), endpoint })))
    }

    /// The time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Makes ids outside a transaction.
    pub fn ids(&self) -> &Ids {
        &self.0.ids
    }

    /// Where PostgreSQL is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Word of new events.
    pub fn news(&self) -> &News {
        &self.0.news
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) async fn app_connection(&self) -> Result<Object<AsyncPgConnection>> {
        self.0.app.lend().await
    }

    pub(crate) async fn relay_connection(&self) -> Result<Object<AsyncPgConnection>> {
        self.0.relay.lend().await
    }

    /// How busy the pools are.
    pub fn pools(&self) -> [PoolStatus; 2] {
        [("app", &self.0.app), ("relay", &self.0.relay)].map(|(name, lender)| {
            let status = lender.pool.status();
            PoolStatus {
                name,
                open: status.size,
                idle: status.available,
                waiting: status.waiting,
                loans: AtomicU64::load(&lender.loans, Ordering::Relaxed),
                waited: Duration::from_micros(AtomicU64::load(&lender.waited_micros, Ordering::Relaxed)),
            }
        })
    }

    /// Closes the pools; a connection in use is closed when it comes back.
    pub fn close(&self) {
        self.0.app.pool.close();
        self.0.relay.pool.close();
    }

    /// Asks PostgreSQL for a sign of life, and whether the wall holds for the role we work as.
    ///
    /// # Errors
    /// `upstream_unavailable` when it does not answer; `internal` when the application's role could pass the wall.
    pub async fn check(&self) -> Result<()> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Bool)]
            passes: bool,
        }
        let statement = sql("SELECT rolsuper OR rolbypassrls AS passes FROM pg_roles WHERE rolname = current_user");
        for mut connection in [self.app_connection().await?, self.relay_connection().await?] {
            let row: Row = statement.get_result(&mut connection).await.map_err(failed)?;
            if row.passes {
                return Err(Error::internal(anyhow::anyhow!("the database role may bypass row-level security")));
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("pools", &self.pools()).finish_non_exhaustive()
    }
}

fn pool(config: Config, size: usize, wait: Duration) -> Result<Pool<AsyncPgConnection>> {
    let mut manager = ManagerConfig::default();
    // A broken connection shows itself at the next statement; asking before each loan would cost a round trip.
    manager.recycling_method = RecyclingMethod::Fast;
    manager.custom_setup = Box::new(move |_| connect(config.clone()).boxed());
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config("", manager);
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(wait))
        .create_timeout(Some(wait))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(Error::internal)
}
