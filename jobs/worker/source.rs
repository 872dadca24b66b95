//! The feed as apalis wants it: a backend.
//!
//! It differs from apalis's own in three ways that keep a worker alive: it never answers an error, it hands out
//! our row as it is, so that nothing can fail to decode, and it is woken by the feed alone, not by a poll strategy.

use std::{
    convert::Infallible,
    task::{Context, Poll, ready},
};

use apalis::prelude::{Backend, Identity, Task, WorkerContext};
use apalis_core::backend::{BackendConfig, finalize::Ephemeral};
use futures::{StreamExt, stream::BoxStream};

use super::feed::Work;

/// apalis's view of the feed.
pub(super) struct Source(BoxStream<'static, Work>);

impl Source {
    pub(super) fn new(feed: BoxStream<'static, Work>) -> Self {
        Self(feed)
    }
}

impl Backend for Source {
    type Task = Task<Work>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        let work = ready!(self.0.poll_next_unpin(cx));
        if work.is_none() {
            // The end of a backend does not end an apalis worker: it waits to be stopped as well.
            let _ = worker.stop();
        }
        Poll::Ready(work.map(|work| Ok(Task::new(work))))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for Source {
    type Args = Work;
    type Id = ();
    /// Nothing is encoded between the row and the job.
    type Kind = Ephemeral;
    type Config = ();
    /// Outcomes go to the settler, not through apalis's persistence.
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
