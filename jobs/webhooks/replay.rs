//! Sends many deliveries once more, a handful at a time, at no more than the rate that was asked for.
//!
//! Idempotent: what a step makes owed again, where the next one goes on and the promise of the deliveries are one
//! transaction. A process that dies between two steps leaves a replay that goes on after the last one.
//!
//! # Rule
//! A receiver that does not keep up is not handed more: the next handful waits until most of the last was attempted.
//! So a replay never fills the lines, and ends within a handful when it is cancelled.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, TenantId, id};
use stoa_webhooks::replays::{self, Step};

use super::DeliverWebhooks;
use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Deliveries of one step at most: few enough that its transaction is short beside those of fresh events.
const HANDFUL_MAX: i32 = 100;
/// Steps of one run; then the queue has its turn.
const STEPS_MAX: usize = 50;
/// Pauses that are worth a way through the queue.
const LONG_PAUSE: Duration = Duration::from_millis(500);
/// When a receiver that is paused is looked at again.
const PAUSED: Duration = Duration::from_secs(5);

/// Runs a replay.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReplayWebhook {
    /// Whose it is.
    pub tenant: TenantId,
    /// The replay.
    pub replay: Id<id::Replay>,
}

impl Job for ReplayWebhook {
    const NAME: &'static str = "webhooks/replay";
    const QUEUE: Queue = Queue::Webhooks;
    const POLICY: Policy =
        Policy { attempts: 1_000, timeout: Duration::from_mins(1), backoff: Backoff::doubling(1_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match replay(&self, ctx).await {
            Ok(outcome) => outcome,
            Err(error) if ctx.last => give_up(&self, ctx, &error).await,
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.replay.to_string())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, replay: Id::from_uuid(HOUSE.uuid()) }
    }
}

async fn replay(job: &ReplayWebhook, ctx: &JobCtx) -> Result<Outcome> {
    for _ in 0..STEPS_MAX {
        let began = Instant::now();
        match take_step(job, ctx).await? {
            Next::Over => return Ok(Outcome::Done),
            Next::In(pause) if pause >= LONG_PAUSE => {
                return Ok(Outcome::Snooze(TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)));
            }
            // Shorter than the queue's own look at the clock.
            Next::In(pause) => tokio::time::sleep(pause.saturating_sub(began.elapsed())).await,
        }
    }
    Ok(Outcome::Snooze(TimeDelta::zero()))
}

/// When the next step is due.
enum Next {
    Over,
    In(Duration),
}

async fn take_step(job: &ReplayWebhook, ctx: &JobCtx) -> Result<Next> {
    let room = &ctx.tools.post_room;
    let mut tx = ctx.tools.db.house().await?;
    let which = (job.tenant, job.replay);
    let step = replays::step(&mut tx, (room.sealer(), room.base_url()), which, handful).await?;
    let next = match step {
        Step::Over => Next::Over,
        Step::Paused => Next::In(PAUSED),
        Step::Busy(rate) => Next::In(pause_of(handful(rate), rate)),
        Step::Handed(handed) => {
            let count = i64::try_from(handed.deliveries.len()).unwrap_or(i64::MAX);
            if count > 0 {
                let promise = DeliverWebhooks::of(job.tenant, handed.deliveries);
                let promise = NewJob::of(job.tenant, &promise)?.caused_by(ctx.scope.request_id.as_deref());
                queue::enqueue(&mut tx, promise).await?;
            }
            Next::In(pause_of(count, handed.rate_per_second))
        }
    };
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Webhooks);
    Ok(next)
}

/// Deliveries of a step at a rate: a second's worth, in parts where that is many.
fn handful(rate_per_second: i32) -> i64 {
    i64::from(rate_per_second.clamp(1, HANDFUL_MAX))
}

/// How long so many take at a rate.
fn pause_of(count: i64, rate_per_second: i32) -> Duration {
    let count = u32::try_from(count).unwrap_or_default();
    Duration::from_secs(count.into()) / u32::try_from(rate_per_second).unwrap_or(1).max(1)
}

async fn give_up(job: &ReplayWebhook, ctx: &JobCtx, error: &stoa_core::Error) -> Outcome {
    let failed = async {
        let mut tx = ctx.tools.db.house().await?;
        replays::fail(&mut tx, (job.tenant, job.replay), error.outside()).await?;
        tx.commit().await
    };
    match failed.await {
        Ok(()) => Outcome::Stop(error.to_string()),
        Err(other) => Outcome::Again(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handful_is_a_seconds_worth_and_never_many() {
        assert_eq!([1, 50, 100, 1_000, 0].map(handful), [1, 50, 100, 100, 1]);
        let pauses = [1, 50, 400, 1_000].map(|rate| pause_of(handful(rate), rate).as_millis());
        assert_eq!(pauses, [1_000, 1_000, 250, 100]);
    }
}
