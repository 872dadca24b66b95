//! One PostgreSQL for the whole run: a throw-away cluster under `target/`, or the server that `TEST_DATABASE_URL` names.
//!
//! The cluster ends with the process, however the process ends; what a killed run leaves on the disk is swept by the
//! next one. A server of your own is left as it was: each run names its databases after itself, holds a lock while it
//! lives, and removes those of runs that are gone. The user in `TEST_DATABASE_URL` must be a superuser of a server
//! that is there for tests.

use std::{path::Path, sync::LazyLock};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use stoa::cluster::{Cluster, DATABASE};
use stoa_core::db::Endpoint;
use url::Url;

/// The server of this run.
pub(super) static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

pub(super) struct Server {
    place: Place,
    /// What the names of this run's databases begin with.
    prefix: String,
    /// Holds the run's lock on a server that is not ours.
    _held: Option<std::sync::Mutex<PgConnection>>,
}

enum Place {
    Private(Cluster),
    Given(Url),
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings but this one")]
    fn start() -> Self {
        if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
            return Self::given(Url::parse(&url).expect("TEST_DATABASE_URL is an address"));
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clusters");
        let cluster = Cluster::temporary(&folder).expect("a cluster for the tests");
        Self { place: Place::Private(cluster), prefix: "stoa_test".to_owned(), _held: None }
    }

    fn given(url: Url) -> Self {
        let mut connection = PgConnection::establish(url.as_str()).expect("TEST_DATABASE_URL answers");
        let run = rand::random::<u32>() >> 1;
        lock(&mut connection, run);
        for name in databases(&mut connection) {
            let of_run = name.split('_').nth(2).and_then(|run| u32::from_str_radix(run, 16).ok());
            if of_run.is_some_and(|run| is_gone(&mut connection, run)) {
                run_sql(&mut connection, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
        let held = Some(std::sync::Mutex::new(connection));
        Self { place: Place::Given(url), prefix: format!("stoa_test_{run:08x}"), _held: held }
    }

    /// A name for a database of this run.
    pub(super) fn name(&self, of: &str) -> String {
        format!("{}_{of}", self.prefix)
    }

    /// How the roles come into a database.
    pub(super) fn endpoint(&self, database: &str) -> Endpoint {
        match &self.place {
            Place::Private(cluster) => cluster.endpoint(database),
            Place::Given(url) => {
                let mut url = url.clone();
                url.set_path(database);
                Endpoint { url: url.to_string(), app_url: None, relay_url: None, trusts_names: false }
            }
        }
    }

    /// Runs a statement beside the databases of the run.
    pub(super) fn run(&self, statement: &str) {
        let url = match &self.place {
            Place::Private(cluster) => cluster.url(DATABASE),
            Place::Given(url) => url.to_string(),
        };
        let mut connection = PgConnection::establish(&url).expect("the server of the tests answers");
        run_sql(&mut connection, statement);
    }
}

fn run_sql(connection: &mut PgConnection, statement: &str) {
    if let Err(error) = sql_query(statement).execute(connection) {
        panic!("{statement}: {error}");
    }
}

fn lock(connection: &mut PgConnection, run: u32) {
    run_sql(connection, &format!("SELECT pg_advisory_lock({run})"));
}

fn is_gone(connection: &mut PgConnection, run: u32) -> bool {
    let tried = texts(connection, &format!("SELECT pg_try_advisory_lock({run})::text AS text"));
    let gone = tried == ["true"];
    if gone {
        run_sql(connection, &format!("SELECT pg_advisory_unlock({run})"));
    }
    gone
}

fn databases(connection: &mut PgConnection) -> Vec<String> {
    texts(connection, r"SELECT datname::text AS text FROM pg_database WHERE datname LIKE 'stoa\_test\_%'")
}

fn texts(connection: &mut PgConnection, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let rows: Vec<Row> = sql_query(query).load(connection).expect("an answer");
    rows.into_iter().map(|row| row.text).collect()
}
