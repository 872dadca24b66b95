//! How the queues stand.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, Result, TenantId, db::PageRequest, id};
use stoa_jobs::queue::operate::{self, JobFilter, JobRow, JobState, QueueStats};

use crate::doors::{Data, Sample, Visit, sample};

/// Jobs given up that are shown.
const SHOWN: i64 = 50;

/// The queues, and what was given up.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Jobs {
    /// How each queue stands.
    queues: Vec<QueueView>,
    /// Jobs given up, the newest first, at most fifty; without their arguments.
    discarded: Vec<JobView>,
}

/// How a queue stands. Counts stop at 100,000.
#[derive(Debug, Serialize, JsonSchema)]
struct QueueView {
    /// Name.
    queue: String,
    /// Jobs whose time has come and that wait for a worker.
    due: i64,
    /// Jobs that wait for their time.
    scheduled: i64,
    /// Jobs in hand.
    running: i64,
    /// Jobs given up.
    discarded: i64,
    /// How long the oldest due job has waited.
    oldest_due_seconds: Option<i64>,
    /// Why the queue is paused; null when it is not.
    paused_reason: Option<String>,
    /// Since when it is paused.
    paused_at: Option<DateTime<Utc>>,
}

/// A job given up.
#[derive(Debug, Serialize, JsonSchema)]
struct JobView {
    /// Id, by which the shell names it.
    id: Id<id::Job>,
    /// The institution.
    institution_id: TenantId,
    /// Queue.
    queue: String,
    /// Name in the registry.
    name: String,
    /// Times that it was started.
    attempts: i32,
    /// Why the last one failed.
    last_error: Option<String>,
    /// Request that caused it.
    request_id: Option<String>,
    /// When it was promised.
    created_at: DateTime<Utc>,
}

pub(super) async fn show(call: Visit) -> Result<Data<Jobs>> {
    let mut house = call.app.db.house().await?;
    let now = house.now();
    let stats = operate::stats(&mut house).await?;
    let filter = JobFilter { state: Some(JobState::Discarded), ..JobFilter::default() };
    let discarded = operate::list(&mut house, &filter, PageRequest { page: 1, per_page: SHOWN }).await?;
    Ok(Data(Jobs {
        queues: stats.into_iter().map(|queue| QueueView::of(queue, now)).collect(),
        discarded: discarded.rows.into_iter().map(JobView::of).collect(),
    }))
}

impl QueueView {
    fn of(stats: QueueStats, now: DateTime<Utc>) -> Self {
        Self {
            queue: stats.queue,
            due: stats.due,
            scheduled: stats.scheduled,
            running: stats.running,
            discarded: stats.discarded,
            oldest_due_seconds: stats.oldest_due_at.map(|since| (now - since).max(TimeDelta::zero()).num_seconds()),
            paused_reason: stats.paused_reason,
            paused_at: stats.paused_at,
        }
    }
}

impl JobView {
    fn of(row: JobRow) -> Self {
        Self {
            id: row.id,
            institution_id: row.tenant_id,
            queue: row.queue,
            name: row.name,
            attempts: row.attempts,
            last_error: row.last_error,
            request_id: row.request_id,
            created_at: row.created_at,
        }
    }
}

impl Sample for Jobs {
    fn sample() -> Self {
        let queue = QueueView {
            queue: "webhooks".into(),
            due: 2,
            scheduled: 40,
            running: 8,
            discarded: 1,
            oldest_due_seconds: Some(1),
            paused_reason: None,
            paused_at: None,
        };
        let job = JobView {
            id: sample::id(),
            institution_id: sample::id(),
            queue: "webhooks".into(),
            name: "webhooks/deliver".into(),
            attempts: 6,
            last_error: Some("timed out".into()),
            request_id: None,
            created_at: sample::time(),
        };
        Self { queues: vec![queue], discarded: vec![job] }
    }
}
