//! Shows how the queues stand, as gauges.
//!
//! # Shape
//! `stoa_jobs_oldest_due_seconds{queue}`: how long the oldest due job has waited, 0 if none does;
//! `stoa_jobs_by_state{queue,state}`: jobs, counted up to a bound; `stoa_jobs_paused{queue}`: 1 while paused.

use chrono::TimeDelta;
use metrics::gauge;
use stoa_core::Result;

use crate::{
    context::JobTools,
    queue::operate::{self, QueueStats},
};

/// Reads how the queues stand and sets the gauges.
///
/// # Errors
/// As the database says; the gauges keep their last values.
pub async fn watch_queues(tools: JobTools) -> Result<()> {
    let mut tx = tools.db.house().await?;
    let now = tx.now();
    let stats = operate::stats(&mut tx).await?;
    tx.commit().await?;
    for queue in stats {
        let waited = queue.oldest_due_at.map_or(TimeDelta::zero(), |since| now - since);
        gauge!("stoa_jobs_oldest_due_seconds", "queue" => queue.queue.clone()).set(waited.as_seconds_f64());
        gauge!("stoa_jobs_paused", "queue" => queue.queue.clone()).set(f64::from(u8::from(queue.paused_at.is_some())));
        show_states(&queue);
    }
    Ok(())
}

fn show_states(queue: &QueueStats) {
    let states = [
        ("due", queue.due),
        ("scheduled", queue.scheduled),
        ("running", queue.running),
        ("discarded", queue.discarded),
    ];
    for (state, jobs) in states {
        let jobs = f64::from(i32::try_from(jobs).unwrap_or(i32::MAX));
        gauge!("stoa_jobs_by_state", "queue" => queue.queue.clone(), "state" => state).set(jobs);
    }
}
