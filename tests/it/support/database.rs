//! A database for each test, cloned from a template that was migrated once and holds two schools.
//!
//! Not here: the server (`server`) and who lives in the schools (`schools`).

use std::sync::{
    LazyLock, Mutex,
    atomic::{AtomicU32, Ordering},
};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Jsonb};
use serde_json::Value;
use stoa_core::db::{Endpoint, migrate};

use super::{
    schools::{Schools, found},
    server::SERVER,
};

static TEMPLATE: LazyLock<Template> = LazyLock::new(Template::make);

struct Template {
    name: String,
    schools: Schools,
}

impl Template {
    fn make() -> Self {
        let name = SERVER.name("template");
        SERVER.run(&format!("CREATE DATABASE {name}"));
        let endpoint = SERVER.endpoint(&name);
        migrate(&endpoint).expect("the migrations run");
        let schools = found(&endpoint);
        Self { name, schools }
    }
}

/// The schools that every database has.
pub(crate) fn schools() -> &'static Schools {
    &TEMPLATE.schools
}

/// A database of one test, removed with it.
pub(crate) struct TestDatabase {
    name: String,
    owner: Mutex<Option<PgConnection>>,
}

impl TestDatabase {
    /// Clones the template.
    pub(crate) async fn new() -> Self {
        let clone = || Self::copy(&format!("TEMPLATE {} STRATEGY FILE_COPY", TEMPLATE.name));
        tokio::task::spawn_blocking(clone).await.expect("a database for the test")
    }

    /// Makes one without anything in it.
    pub(crate) async fn empty() -> Self {
        tokio::task::spawn_blocking(|| Self::copy("TEMPLATE template0")).await.expect("a database for the test")
    }

    fn copy(of: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = SERVER.name(&NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        SERVER.run(&format!("CREATE DATABASE {name} {of}"));
        Self { name, owner: Mutex::new(None) }
    }

    /// How the roles come in.
    pub(crate) fn endpoint(&self) -> Endpoint {
        SERVER.endpoint(&self.name)
    }

    /// Asks as the owner, whom no wall stops; each row is an object.
    pub(crate) fn rows(&self, query: &str) -> Vec<Value> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Jsonb)]
            row: Value,
        }
        let query = format!("SELECT to_jsonb(q) AS row FROM ({query}) q");
        let rows: Vec<Row> = self.as_owner(|connection| sql_query(&query).load(connection));
        rows.into_iter().map(|row| row.row).collect()
    }

    /// Asks for one value.
    pub(crate) fn value(&self, query: &str) -> Value {
        let mut rows = self.rows(query);
        assert_eq!(rows.len(), 1, "{query}: {rows:?}");
        let Some(Value::Object(row)) = rows.pop() else { panic!("{query} answers no row") };
        row.into_iter().next().expect("a column").1
    }

    /// Asks for a number, such as a count.
    pub(crate) fn number(&self, query: &str) -> i64 {
        self.value(query).as_i64().unwrap_or_else(|| panic!("{query} answers no number"))
    }

    /// Ends every connection but the owner's, as a restart of the database does; more may be made at once.
    pub(crate) fn cut_connections(&self) {
        self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }

    /// Changes rows behind the server's back.
    pub(crate) fn run(&self, statement: &str) -> usize {
        self.as_owner(|connection| sql_query(statement).execute(connection))
    }

    fn as_owner<T>(&self, work: impl FnOnce(&mut PgConnection) -> diesel::QueryResult<T>) -> T {
        let mut owner = self.owner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let connection = owner.get_or_insert_with(|| {
            PgConnection::establish(&self.endpoint().url).expect("the database of the test answers")
        });
        work(connection).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(owner) = self.owner.get_mut() {
            drop(owner.take());
        }
        SERVER.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
