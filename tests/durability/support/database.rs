//! The rows, read past the server as the owner of the schema.

use std::str::FromStr;

use tokio::task::JoinSet;
use tokio_postgres::{Client, Config, NoTls};

use super::site::Site;

/// A connection; it ends with this, and with the PostgreSQL that it leads to.
pub(crate) struct Database {
    client: Client,
    _connection: JoinSet<()>,
}

impl Database {
    /// Connects to the private cluster of a server that runs, and fails if it is not a durable one.
    pub(crate) async fn of(site: &Site) -> Self {
        let config = Config::from_str(&site.database_url()).expect("an address");
        let (client, connection) = config.connect(NoTls).await.expect("PostgreSQL answers");
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let _ = connection.await;
        });
        let database = Self { client, _connection: tasks };
        let durable = "SELECT setting FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting <> 'on'";
        assert!(database.texts(durable).await.is_empty(), "what is not written is not kept");
        database
    }

    /// The numbers of one row.
    pub(crate) async fn numbers<const N: usize>(&self, query: &str) -> [i64; N] {
        let row = self.client.query_one(query, &[]).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        std::array::from_fn(|place| row.get(place))
    }

    /// The first column, as texts.
    pub(crate) async fn texts(&self, query: &str) -> Vec<String> {
        self.rows(query).await.iter().map(|row| row.get(0)).collect()
    }

    /// A text and a list of texts of each row.
    pub(crate) async fn lists(&self, query: &str) -> Vec<(String, Vec<String>)> {
        self.rows(query).await.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// A text and a number of each row.
    pub(crate) async fn counts(&self, query: &str) -> Vec<(String, i64)> {
        self.rows(query).await.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    async fn rows(&self, query: &str) -> Vec<tokio_postgres::Row> {
        self.client.query(query, &[]).await.unwrap_or_else(|error| panic!("{query}: {error:?}"))
    }
}
