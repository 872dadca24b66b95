//! The way into the server's own PostgreSQL, as the owner of the schema.

use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
};

use anyhow::Context;
use tokio::task::JoinSet;
use tokio_postgres::{Client, Config, NoTls};

/// The server's database.
const STOA: &str = "stoa";

/// Where it listens.
#[derive(Debug, Clone)]
pub struct Database(PathBuf);

/// One connection, with the task that carries it.
#[derive(Debug)]
pub struct Session {
    client: Client,
    _carrier: JoinSet<()>,
}

impl Database {
    /// Takes the folder of the socket.
    pub fn at(socket: &Path) -> Self {
        Self(socket.to_owned())
    }

    /// Connects to the server's database.
    ///
    /// # Errors
    /// As PostgreSQL says.
    pub async fn connect(&self) -> anyhow::Result<Session> {
        self.connect_to(STOA).await
    }

    /// Connects to a database of the same PostgreSQL.
    ///
    /// # Errors
    /// As PostgreSQL says.
    pub async fn connect_to(&self, name: &str) -> anyhow::Result<Session> {
        let mut config = Config::new();
        config.host_path(&self.0).user(STOA).dbname(name).application_name("stoa-bench");
        let (client, connection) = config.connect(NoTls).await.with_context(|| format!("connecting to {name}"))?;
        let mut carrier = JoinSet::new();
        carrier.spawn_local(async move {
            // Whoever uses the client sees the error.
            let _ = connection.await;
        });
        Ok(Session { client, _carrier: carrier })
    }
}

impl Session {
    /// Transactions of the server's database so far. Each process of PostgreSQL tells of its own with a delay of up
    /// to ten seconds.
    ///
    /// # Errors
    /// As PostgreSQL says.
    pub async fn transactions(&self) -> anyhow::Result<u64> {
        let row = self
            .client
            .query_one("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1", &[&STOA])
            .await?;
        Ok(u64::try_from(row.try_get::<_, i64>(0)?)?)
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
