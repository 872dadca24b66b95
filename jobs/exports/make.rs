//! One attempt: the snapshot, the copy, the file, and meanwhile a word every second of how far it is.
//!
//! Three things go on beside each other, each on a connection of its own: the copy; the count of the rows that there will
//! be, which is given up where it takes long; and the telling, which is how an attempt learns that it was stopped.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{Either, select};
use stoa_actors::storage::Key;
use stoa_core::{Error, Result};
use stoa_protocols::table::Written;
use stoa_record::exports::{self, Begun, Made, Progress, Statement};

use super::run::WITHIN;
use crate::context::JobCtx;

/// How often an attempt says how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How long the rows are counted at most: a number for a bar is not worth more.
const COUNT_WITHIN: Duration = Duration::from_secs(2);

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its file is offered.
    Offered,
    /// It was stopped, or another began meanwhile.
    LostTurn,
}

/// Makes the file.
pub(super) async fn make(ctx: &JobCtx, begun: &Begun) -> Result<Ending> {
    let db = &ctx.tools.db;
    let mut snapshot = begun.snapshot(db, WITHIN).await?;
    let as_of = snapshot.as_of();
    let statement = begun.statement(as_of);
    let horizon = exports::horizon(&mut snapshot).await?;
    let copy = statement.rows.copy(snapshot)?;
    let key = Key::parse(&begun.file_key).ok_or_else(|| Error::internal(io::Error::other("a key that is none")))?;
    let rows = AtomicU64::new(0);
    let table = begun.wanted.table(begun.export.export_type);
    let writing = ctx.tools.storage.put_table(&key, table, copy, |so_far| rows.store(so_far, Ordering::Relaxed));
    let telling = tell(ctx, begun, (&statement, as_of), &rows);
    let written = match select(std::pin::pin!(writing), std::pin::pin!(telling)).await {
        Either::Left((written, _)) => written?,
        Either::Right((told, _)) => return told,
    };
    offer(ctx, begun, (as_of, horizon, written)).await
}

/// Counts the rows, and says every second how far it is. Ends when the attempt has lost its turn.
async fn tell(
    ctx: &JobCtx,
    begun: &Begun,
    (statement, as_of): (&Statement, DateTime<Utc>),
    rows: &AtomicU64,
) -> Result<Ending> {
    let counting = count(ctx, begun, statement);
    let mut counting = std::pin::pin!(counting);
    let mut rows_total = None;
    let mut is_counting = true;
    let mut ticks = tokio::time::interval(TELL_EVERY);
    loop {
        tokio::select! {
            counted = &mut counting, if is_counting => {
                (rows_total, is_counting) = (counted, false);
            }
            _ = ticks.tick() => {}
        }
        let rows_done = i64::try_from(rows.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        let progress = Progress { rows_done, rows_total, as_of };
        match told(ctx, begun, progress).await {
            Ok(true) => {}
            Ok(false) => return Ok(Ending::LostTurn),
            // The copy has a connection of its own, and what it makes is offered only by a word that arrives.
            Err(error) => tracing::debug!(%error, "an export could not say how far it is"),
        }
    }
}

async fn told(ctx: &JobCtx, begun: &Begun, progress: Progress) -> Result<bool> {
    let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
    let is_ours = exports::tell(&mut tx, begun.run, progress).await?;
    tx.commit().await?;
    Ok(is_ours)
}

/// How many rows there will be; none where counting them takes long.
async fn count(ctx: &JobCtx, begun: &Begun, statement: &Statement) -> Option<i64> {
    let counted = async {
        let mut snapshot = begun.snapshot(&ctx.tools.db, COUNT_WITHIN).await?;
        statement.count.number(&mut snapshot).await
    };
    counted.await.unwrap_or_else(|error: Error| {
        tracing::debug!(%error, export.id = %begun.run.export, "the rows of an export were not counted");
        None
    })
}

async fn offer(
    ctx: &JobCtx,
    begun: &Begun,
    (as_of, horizon, written): (DateTime<Utc>, i64, Written),
) -> Result<Ending> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let kept = TimeDelta::days(ctx.tools.retention.exports_days.into());
    let mut tx = ctx.tools.db.tenant(&ctx.scope).await?;
    let made = Made {
        rows: count(written.rows),
        bytes: count(written.bytes),
        sha256: written.digest(),
        as_of,
        horizon,
        expires_at: tx.now() + kept,
    };
    let is_offered = exports::complete(&mut tx, begun.run, &made).await?;
    tx.commit().await?;
    Ok(if is_offered { Ending::Offered } else { Ending::LostTurn })
}
