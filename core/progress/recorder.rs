//! Shared commits: requests that wait at the same moment are taken in by one transaction.
//!
//! A commit costs the same for one event and for a thousand. While a writer commits, the next requests
//! gather; the busier the server, the more of them share the next commit. Nobody waits for a timer. A further
//! writer begins beside one that commits only with a batch that is worth it: many small commits at once cost more
//! than one that is shared.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::sync::{
    Mutex, Notify,
    mpsc::{self, error::TrySendError},
    oneshot, watch,
};

use super::{
    activity::{EventOutcome, Submission},
    ingest::ingest,
};
use crate::{
    db::Db,
    error::{Code, Error, Result},
};

/// How the recorder gathers.
#[derive(Debug, Clone)]
pub struct RecorderOptions {
    /// Writers, each with a connection.
    pub writers: usize,
    /// Requests that may wait; more are refused with 503.
    pub waiting_max: usize,
    /// Events of one transaction, about: the last request may pass it.
    pub events_per_commit: usize,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self { writers: 2, waiting_max: 4096, events_per_commit: 512 }
    }
}

/// Events that are worth a commit beside another.
const WORTH_A_COMMIT: usize = 128;

type Answer = Result<Vec<EventOutcome>>;
type Waiting = (Submission, oneshot::Sender<Answer>);

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder(mpsc::Sender<Waiting>);

/// What the house runs: the writers.
pub struct Writers {
    db: Db,
    options: RecorderOptions,
    waiting: Mutex<mpsc::Receiver<Waiting>>,
    /// Writers between the first statement and the end of their commit.
    committing: AtomicUsize,
    /// One of them is done.
    done: Notify,
}

impl Recorder {
    /// Makes the way in and the writers behind it.
    pub fn new(db: Db, options: RecorderOptions) -> (Self, Writers) {
        let (give, take) = mpsc::channel(options.waiting_max);
        let writers =
            Writers { db, options, waiting: Mutex::new(take), committing: AtomicUsize::new(0), done: Notify::new() };
        (Self(give), writers)
    }

    /// Hands a request in and waits for its commit.
    ///
    /// # Errors
    /// `upstream_unavailable` when too many wait or the database does not answer; nothing was kept.
    pub async fn submit(&self, submission: Submission) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.0.try_send((submission, answer)).map_err(|error| match error {
            TrySendError::Full(_) => busy("more events are waiting than can be taken in"),
            TrySendError::Closed(_) => busy("the server is shutting down"),
        })?;
        answered.await.unwrap_or_else(|_| Err(busy("the server is shutting down")))
    }
}

fn busy(why: &'static str) -> Error {
    Error::new(Code::UpstreamUnavailable, why).retry_after_secs(1)
}

impl Writers {
    /// Runs the writers until they are told to stop; what was handed in before is taken in and answered.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let writers = (0..self.options.writers.max(1)).map(|_| self.write(stop.clone()));
        futures::future::join_all(writers).await;
    }

    async fn write(&self, mut stop: watch::Receiver<bool>) {
        loop {
            let batch = self.gather(&mut stop).await;
            if batch.is_empty() {
                return;
            }
            self.record(batch).await;
        }
    }

    /// Takes what is waiting; sleeps only when nothing is.
    async fn gather(&self, stop: &mut watch::Receiver<bool>) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock().await;
        let mut batch: Vec<Waiting> = Vec::new();
        let told = async { _ = stop.wait_for(|stop| *stop).await };
        let first = tokio::select! {
            biased;
            first = waiting.recv() => first,
            () = told => {
                waiting.close();
                waiting.recv().await
            }
        };
        let Some(first) = first else { return batch };
        let mut events = first.0.events.len();
        batch.push(first);
        while events < self.options.events_per_commit {
            let next = match waiting.try_recv() {
                Ok(next) => next,
                Err(_) if events >= WORTH_A_COMMIT || self.committing.load(Ordering::Acquire) == 0 => break,
                // Another writer is busy: what comes until it is done shares this commit.
                Err(_) => tokio::select! {
                    biased;
                    next = waiting.recv() => match next {
                        Some(next) => next,
                        None => break,
                    },
                    () = self.done.notified() => continue,
                },
            };
            events += next.0.events.len();
            batch.push(next);
        }
        batch
    }

    async fn record(&self, batch: Vec<Waiting>) {
        self.committing.fetch_add(1, Ordering::AcqRel);
        self.record_together(batch).await;
        self.committing.fetch_sub(1, Ordering::AcqRel);
        self.done.notify_one();
    }

    async fn record_together(&self, batch: Vec<Waiting>) {
        let (submissions, answers): (Vec<Submission>, Vec<_>) = batch.into_iter().unzip();
        match ingest(&self.db, &submissions).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // Whoever hung up asks again with the same ids and learns that they count.
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                tracing::warn!(submissions = submissions.len(), %error, "a shared commit failed; taking its requests one by one");
                self.record_singly(submissions, answers).await;
            }
        }
    }

    /// One request must not fail another: each gets a transaction of its own, twice if it met a neighbour.
    async fn record_singly(&self, submissions: Vec<Submission>, answers: Vec<oneshot::Sender<Answer>>) {
        for (submission, answer) in submissions.into_iter().zip(answers) {
            let one = [submission];
            let mut outcome = ingest(&self.db, &one).await;
            if outcome.as_ref().is_err_and(|error| matches!(error.code(), Code::Conflict | Code::UpstreamUnavailable)) {
                tokio::time::sleep(Duration::from_millis(20)).await;
                outcome = ingest(&self.db, &one).await;
            }
            let _ = answer.send(outcome.map(|mut outcomes| outcomes.pop().unwrap_or_default()));
        }
    }
}
