//! What the tenants' actors know of the rows, read for all of them by one task.
//!
//! Not here: who wants to know and when (`stoa_actors::tenant`), and what is read (`stoa_core::institutions`).
//!
//! Actors ask each for itself; whoever asks while a reading is under way is read together with all others who do, in
//! one statement. So a start with ten thousand institutions, or a connection that broke, is a few readings, and at
//! most two connections are ever taken from requests: one for settings, one for counters, which are dearer.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, future::BoxFuture};
use stoa_actors::tenant::{Read, Source};
use stoa_core::{
    Result, TenantId,
    db::Db,
    institutions::{self, Counts, Settings},
};
use tokio::sync::{mpsc, oneshot};

/// Institutions read in one statement.
const SETTINGS_AT_ONCE: usize = 500;
const COUNTS_AT_ONCE: usize = 20;

/// Where actors ask. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TenantRows {
    settings: mpsc::UnboundedSender<Asked<Settings>>,
    counts: mpsc::UnboundedSender<Asked<Counts>>,
}

/// The other end: reads what is asked for.
#[derive(Debug)]
pub struct TenantReadings {
    db: Db,
    settings: mpsc::UnboundedReceiver<Asked<Settings>>,
    counts: mpsc::UnboundedReceiver<Asked<Counts>>,
}

#[derive(Debug)]
struct Asked<T> {
    tenant: TenantId,
    answer: oneshot::Sender<Read<T>>,
}

/// What a statement found, as of when.
type Found<T> = (DateTime<Utc>, Vec<(TenantId, T)>);
type Reader<T> = fn(Db, Vec<TenantId>) -> BoxFuture<'static, Result<Found<T>>>;

impl TenantRows {
    /// Makes both ends. No more than one question of an institution waits at a time, so nothing bounds them.
    pub fn new(db: Db) -> (Self, TenantReadings) {
        let (settings, asked_settings) = mpsc::unbounded_channel();
        let (counts, asked_counts) = mpsc::unbounded_channel();
        (Self { settings, counts }, TenantReadings { db, settings: asked_settings, counts: asked_counts })
    }
}

impl Source for TenantRows {
    fn settings(&self, tenant: TenantId) -> BoxFuture<'static, Option<Read<Settings>>> {
        ask(&self.settings, tenant)
    }

    fn counts(&self, tenant: TenantId) -> BoxFuture<'static, Option<Read<Counts>>> {
        ask(&self.counts, tenant)
    }
}

fn ask<T: Send + 'static>(
    to: &mpsc::UnboundedSender<Asked<T>>,
    tenant: TenantId,
) -> BoxFuture<'static, Option<Read<T>>> {
    let (answer, answered) = oneshot::channel();
    // Nobody reads any more once the house stops; then the answer is none.
    drop(to.send(Asked { tenant, answer }));
    async move { answered.await.ok() }.boxed()
}

impl TenantReadings {
    /// Reads until it is told to stop, or nobody is left who could ask.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { db, settings, counts } = self;
        let reading = futures::future::join(
            lane(db.clone(), settings, (SETTINGS_AT_ONCE, |db, tenants| settings_of(db, tenants).boxed())),
            lane(db, counts, (COUNTS_AT_ONCE, |db, tenants| counts_of(db, tenants).boxed())),
        );
        futures::future::select(Box::pin(stop), Box::pin(reading)).await;
    }
}

async fn lane<T>(db: Db, mut asked: mpsc::UnboundedReceiver<Asked<T>>, (most, read): (usize, Reader<T>)) {
    let mut waiting = Vec::new();
    while asked.recv_many(&mut waiting, most).await > 0 {
        let tenants = waiting.iter().map(|one| one.tenant).collect();
        let began = Instant::now();
        match read(db.clone(), tenants).await {
            Ok(found) => answer(waiting.drain(..), found, began.elapsed()),
            Err(error) => {
                tracing::warn!(%error, "institutions could not be read; their actors ask again");
                waiting.clear();
            }
        }
    }
}

fn answer<T>(asked: impl Iterator<Item = Asked<T>>, (at, mut found): Found<T>, took: std::time::Duration) {
    let took = TimeDelta::from_std(took).unwrap_or(TimeDelta::MAX);
    for Asked { tenant, answer } in asked {
        // Who does not exist gets no answer.
        let Some(place) = found.iter().position(|(id, _)| *id == tenant) else { continue };
        let (_, what) = found.swap_remove(place);
        drop(answer.send(Read { what, at, took }));
    }
}

async fn settings_of(db: Db, tenants: Vec<TenantId>) -> Result<Found<Settings>> {
    let mut tx = db.tenants(&tenants).await?;
    let found = institutions::settings_of(&mut tx, &tenants).await?;
    let at = tx.now();
    tx.commit().await?;
    Ok((at, found))
}

async fn counts_of(db: Db, tenants: Vec<TenantId>) -> Result<Found<Counts>> {
    let mut tx = db.tenants(&tenants).await?;
    let mut found = institutions::counts_of(&mut tx, &tenants).await?;
    let at = tx.now();
    tx.commit().await?;
    let nobody: Vec<TenantId> = tenants.into_iter().filter(|tenant| found.iter().all(|(id, _)| id != tenant)).collect();
    found.extend(nobody.into_iter().map(|tenant| (tenant, Counts::default())));
    Ok((at, found))
}
