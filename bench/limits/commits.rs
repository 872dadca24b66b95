//! Commits per second and rows per second of the same PostgreSQL, with rows like those of the ledger of events.

use std::{
    cell::Cell,
    error::Error,
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::{BufMut, BytesMut};
use tokio::task::JoinSet;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::{
    database::{Database, Session},
    figures::per_second,
};

/// Connections that commit single rows.
const SINGLE: usize = 32;
/// Connections that commit rows by the hundred; more are no faster.
const BATCHED: usize = 8;
/// Rows of such a commit.
const BATCH: u64 = 100;
/// A database beside the server's, so that its statistics stay the server's own.
const DATABASE: &str = "limits";

const TABLE: &str = "CREATE TABLE rows (
  tenant_id uuid NOT NULL, id uuid NOT NULL, type text NOT NULL, object_kind text NOT NULL, object_id uuid NOT NULL,
  revision integer NOT NULL, scope_ids uuid[] NOT NULL, data jsonb NOT NULL, occurred_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))";
const INSERT_ONE: &str = "INSERT INTO rows
  VALUES ($1::uuid, $2::uuid, 'material_stat.updated', 'standing', $2, 1, ARRAY[$1, $1, $1], $3::text::jsonb,
    statement_timestamp(), statement_timestamp())";
const INSERT_MANY: &str = "INSERT INTO rows
  SELECT $1::uuid, id, 'material_stat.updated', 'standing', id, 1, ARRAY[$1, $1, $1], data::jsonb,
    statement_timestamp(), statement_timestamp()
  FROM unnest($2::uuid[], $3::text[]) AS r(id, data)";

/// The bits of a uuid.
#[derive(Debug, Clone, Copy)]
struct Bits(u128);

impl ToSql for Bits {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_u128(self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::UUID
    }

    to_sql_checked!();
}

/// A table of the server's own PostgreSQL, and connections to it.
#[derive(Debug)]
pub struct Commits {
    sessions: Vec<Rc<Session>>,
    numbers: Rc<Cell<u128>>,
    data: Rc<str>,
}

impl Commits {
    /// Makes the table and connects.
    ///
    /// # Errors
    /// As PostgreSQL says.
    pub async fn open(database: &Database, data: &[u8]) -> anyhow::Result<Self> {
        database.connect().await?.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
        let mut sessions = Vec::new();
        for _ in 0..SINGLE {
            sessions.push(Rc::new(database.connect_to(DATABASE).await?));
        }
        if let Some(session) = sessions.first() {
            session.batch_execute(TABLE).await?;
        }
        // Ids grow, as those of events do.
        let numbers = Rc::new(Cell::new(0x0195_0000_0000_7000_8000_0000_0000_0000));
        Ok(Self { sessions, numbers, data: String::from_utf8_lossy(data).into() })
    }

    /// Commits of one row per second.
    ///
    /// # Errors
    /// As PostgreSQL says.
    pub async fn singles_per_sec(&self, window: Duration) -> anyhow::Result<f64> {
        self.insert(SINGLE, 1, window).await
    }

    /// Rows per second, a hundred to a commit.
    ///
    /// # Errors
    /// As PostgreSQL says.
    pub async fn rows_per_sec(&self, window: Duration) -> anyhow::Result<f64> {
        self.insert(BATCHED, BATCH, window).await
    }

    async fn insert(&self, connections: usize, batch: u64, window: Duration) -> anyhow::Result<f64> {
        let began = Instant::now();
        let mut lines = JoinSet::new();
        for session in self.sessions.iter().take(connections) {
            let line =
                Line { session: Rc::clone(session), numbers: Rc::clone(&self.numbers), data: Rc::clone(&self.data) };
            lines.spawn_local(async move { line.insert_until(batch, began + window).await });
        }
        let mut rows = 0;
        while let Some(line) = lines.join_next().await {
            rows += line??;
        }
        Ok(per_second(rows, began.elapsed()))
    }
}

struct Line {
    session: Rc<Session>,
    numbers: Rc<Cell<u128>>,
    data: Rc<str>,
}

impl Line {
    async fn insert_until(&self, batch: u64, until: Instant) -> anyhow::Result<u64> {
        let statement = self.session.prepare(if batch == 1 { INSERT_ONE } else { INSERT_MANY }).await?;
        let tenant = Bits(1);
        let mut rows = 0;
        while Instant::now() < until {
            if batch == 1 {
                self.session.execute(&statement, &[&tenant, &self.next_id(), &&*self.data]).await?;
            } else {
                let ids: Vec<Bits> = (0..batch).map(|_| self.next_id()).collect();
                let data: Vec<&str> = ids.iter().map(|_| &*self.data).collect();
                self.session.execute(&statement, &[&tenant, &ids, &data]).await?;
            }
            rows += batch;
        }
        Ok(rows)
    }

    fn next_id(&self) -> Bits {
        let next = self.numbers.get() + 1;
        self.numbers.set(next);
        Bits(next)
    }
}
