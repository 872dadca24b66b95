//! Rows on their way out in bulk: a snapshot behind the wall, and `COPY … TO STDOUT` of one query in it.
//!
//! Each has a connection of its own, as the application's role and inside the same wall as a [`super::TenantTx`] of the
//! same scope, that ends with it. It is made when it is wanted, because copies are few and long, and a slow reader of one
//! must not hold a connection that requests wait for. Nothing runs beside it: the connection is driven by whoever reads,
//! so a reader who pauses pauses PostgreSQL, and memory holds one piece.
//!
//! A copy that is dropped closes its connection, and PostgreSQL, which looks after it, gives the query up.
//!
//! Not here: what is copied (`stoa_record::exports`), and what becomes of the rows.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures::{StreamExt, future::Fuse};
use tokio_postgres::{Client, CopyOutStream, SimpleQueryMessage};

use super::{
    connect::{Login, open},
    pool::Db,
    tenancy::wall,
    unavailable,
};
use crate::{
    error::{Error, Result},
    scope::Scope,
};

/// Bytes of a piece, about.
const PIECE_BYTES: usize = 128 * 1024;
/// How soon PostgreSQL finds out that nobody is there any more who would read.
const LOOK_AFTER_READER: &str = "2s";

/// What moves the bytes of a connection.
pub(super) type Driver = Fuse<Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>>;

/// The institution as it is at one moment, for whoever may see it; nothing can be changed.
pub struct Snapshot {
    session: Session,
    as_of: DateTime<Utc>,
}

/// A connection and what drives it.
struct Session {
    client: Client,
    driver: Driver,
}

/// Rows in PostgreSQL's text format, piece by piece.
pub struct Copy {
    session: Session,
    statement: String,
    /// Begun with the first look: PostgreSQL says nothing before it has rows to tell.
    rows: Option<Pin<Box<CopyOutStream>>>,
    copied: u64,
    ended: bool,
}

/// Whole rows.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Lines as `COPY … TO STDOUT` tells them.
    pub text: Bytes,
    /// How many.
    pub rows: u64,
}

impl Db {
    /// Takes a snapshot of the institution of a scope, as far as the scope reaches. Moments are told in a zone; nothing in
    /// it may take longer than so long.
    ///
    /// # Errors
    /// `upstream_unavailable` when there is no connection to be had.
    pub async fn snapshot(&self, scope: &Scope, zone: Tz, within: Duration) -> Result<Snapshot> {
        let (client, driver) = open(self.endpoint().config(Login::App)?).await.map_err(failed)?;
        let mut session = Session { client, driver };
        // The snapshot is taken by the last word, so whatever was committed by now is in it.
        let as_of = self.clock().now();
        // A copy reads many rows once, which is what the other ways of joining are for, and its plan is not kept. With room
        // for the people of the largest institutions it meets their rows in the order in which they lie on the disk.
        let words = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {wall};
             SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on;
             SET LOCAL work_mem = '64MB';
             SET LOCAL standard_conforming_strings = on; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = '{zone}';
             SET LOCAL statement_timeout = {millis}; SET LOCAL client_connection_check_interval = '{LOOK_AFTER_READER}';
             SELECT",
            wall = wall(&[scope.tenant], scope.courses.as_deref(), scope.led_by),
            zone = zone.name(),
            millis = within.as_millis().clamp(1, 86_400_000),
        );
        session.run(&words).await?;
        Ok(Snapshot { session, as_of })
    }
}

impl Snapshot {
    /// When it was taken.
    pub fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// Asks for one number, such as how many rows there will be. None where the answer is none.
    ///
    /// # Errors
    /// As the database says.
    pub async fn number(&mut self, query: &str) -> Result<Option<i64>> {
        let answer = self.session.run(query).await?;
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        row.and_then(|row| row.get(0)).map(|text| text.parse().map_err(Error::internal)).transpose()
    }

    /// Copies the rows of a query out, as they are asked for. Its text holds everything: `COPY` takes no bound values.
    pub fn copy(self, query: &str) -> Copy {
        let statement = format!("COPY ({query}) TO STDOUT");
        Copy { session: self.session, statement, rows: None, copied: 0, ended: false }
    }
}

impl Copy {
    /// The next rows; none after the last ones. The snapshot ends with them.
    ///
    /// # Errors
    /// As the database says: `upstream_unavailable` when the connection broke, or it took too long.
    pub async fn next(&mut self) -> Result<Option<Piece>> {
        let Session { client, driver } = &mut self.session;
        let stream = if let Some(stream) = &mut self.rows {
            stream
        } else {
            let begun = drive(driver, client.copy_out(&self.statement)).await.map_err(failed)?;
            self.rows.insert(Box::pin(begun))
        };
        let mut text = BytesMut::with_capacity(PIECE_BYTES);
        let mut rows = 0;
        // A message is a row, which is small change: they are gathered.
        while !self.ended && text.len() < PIECE_BYTES {
            match drive(driver, stream.next()).await {
                Some(row) => {
                    text.extend_from_slice(&row.map_err(failed)?);
                    rows += 1;
                }
                None => self.ended = true,
            }
        }
        if rows == 0 {
            self.session.run("COMMIT").await?;
            return Ok(None);
        }
        self.copied += rows;
        Ok(Some(Piece { text: text.freeze(), rows }))
    }

    /// Rows so far.
    pub fn copied(&self) -> u64 {
        self.copied
    }
}

impl Session {
    async fn run(&mut self, words: &str) -> Result<Vec<SimpleQueryMessage>> {
        drive(&mut self.driver, self.client.simple_query(words)).await.map_err(failed)
    }
}

/// Waits for an answer while the bytes of the connection move.
async fn drive<T>(driver: &mut Driver, answer: impl Future<Output = T>) -> T {
    let mut answer = pin!(answer);
    poll_fn(|context| {
        if let Poll::Ready(answer) = answer.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        // Once the connection has ended, the answer says so.
        let _ = Pin::new(&mut *driver).poll(context);
        answer.as_mut().poll(context)
    })
    .await
}

/// Translates an error of the connection or the statement.
fn failed(error: tokio_postgres::Error) -> Error {
    use tokio_postgres::error::SqlState;
    match error.code() {
        None => unavailable(error),
        // Cut off by its time or by an operator, a server that stops or starts, or has no connection left.
        Some(code)
            if *code == SqlState::QUERY_CANCELED
                || ["08", "53", "57"].iter().any(|class| code.code().starts_with(class)) =>
        {
            unavailable(error)
        }
        Some(_) => Error::internal(error),
    }
}
