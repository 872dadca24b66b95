//! The workers: one per queue and process, driven by apalis over the queue's claims.
//!
//! The players:
//! - `feed` asks the database for due work whenever slots are free, and never fails: an outage is a pause.
//! - `source` gives the feed to apalis as a backend, and stops the worker when the feed ends.
//! - [`perform()`] runs one job: its span, its time limit, its panics, its outcome.
//! - `settler` writes outcomes down in batches, and keeps trying while the database is away.
//! - `slots` counts what runs, for the limit of the worker and the fairness of the claim.
//!
//! Not here: the statements (`queue`), and retries: a retry is a time in a row, never a sleep in a process.

mod feed;
mod perform;
mod settler;
mod slots;
mod source;

use std::{sync::Arc, time::Duration};

use apalis::prelude::WorkerBuilder;
use futures::FutureExt;
use tokio::sync::{mpsc, watch};

pub use perform::perform;

use crate::{context::JobTools, job::Queue, queue, registry::Registry};
use feed::{Feed, Work};
use settler::Finished;
use slots::Slots;

/// How a queue is worked on in this process.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Which queue.
    pub queue: Queue,
    /// Jobs at once.
    pub concurrency: usize,
    /// Of them, jobs of one institution.
    pub per_tenant: usize,
    /// Longest time between two looks at the queue while there are free slots.
    pub poll: Duration,
    /// How long jobs may run on after the stop before they are broken off and given back.
    pub grace: Duration,
}

/// Works on a queue until told to stop; then takes nothing more, lets its jobs finish, and gives back those that do
/// not within the grace.
pub async fn work(tools: JobTools, registry: Arc<Registry>, options: WorkerOptions, stop: watch::Receiver<bool>) {
    let slots = Slots::new(options.concurrency);
    let (finished, outcomes) = mpsc::channel(options.concurrency.max(1));
    let jobs = run_jobs(tools.clone(), registry, options.clone(), (slots.clone(), finished, stop.clone()));
    let settling = settler::settle_all(tools.clone(), outcomes);
    let late = async {
        let mut stop = stop;
        let _ = stop.wait_for(|stop| *stop).await;
        tokio::time::sleep(options.grace).await;
        // Read here: when this future wins, the jobs are dropped, and their slots with them.
        slots.running()
    };
    tokio::select! {
        _ = futures::future::join(jobs, settling) => {}
        broken_off = late => give_back(&tools, options.queue, &broken_off).await,
    }
}

/// Runs apalis, anew should it ever end by itself.
async fn run_jobs(
    tools: JobTools,
    registry: Arc<Registry>,
    options: WorkerOptions,
    (slots, finished, stop): (Arc<Slots>, mpsc::Sender<Finished>, watch::Receiver<bool>),
) {
    while !*stop.borrow() {
        let feed = Feed::new(tools.clone(), options.clone(), slots.clone(), stop.clone());
        let (tools, registry, finished) = (tools.clone(), registry.clone(), finished.clone());
        let handler = move |work: Work| run_job(registry.clone(), tools.clone(), finished.clone(), work);
        let worker =
            WorkerBuilder::new(options.queue.as_str()).backend(source::Source::new(feed.stream())).build(handler);
        if let Err(error) = worker.run().boxed().await {
            tracing::error!(%error, "the worker of {} ended; it is started again", options.queue);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn run_job(registry: Arc<Registry>, tools: JobTools, finished: mpsc::Sender<Finished>, work: Work) {
    let settlement = perform(&registry, &tools, work.job).await;
    // The settler ends after the last job; if it is gone, the process is going down and the lease will run out.
    let _ = finished.send(Finished { settlement, slot: work.slot }).await;
}

async fn give_back(tools: &JobTools, queue: Queue, jobs: &[(queue::JobKey, i32)]) {
    if jobs.is_empty() {
        return;
    }
    tracing::warn!(jobs = jobs.len(), "broke off jobs of {queue} that did not finish in time");
    let released = async {
        let mut tx = tools.db.house().await?;
        queue::release(&mut tx, tools.leases.process(), jobs).await?;
        tx.commit().await
    };
    match tokio::time::timeout(Duration::from_secs(5), released).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "they could not be given back; their leases will run out"),
        Err(_) => tracing::warn!("they could not be given back in time; their leases will run out"),
    }
}
