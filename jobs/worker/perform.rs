//! Runs one job: its span, its time limit, its panics, its outcome.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use chrono::TimeDelta;
use futures::FutureExt;
use metrics::{counter, histogram};
use stoa_core::Scope;
use tracing::Instrument;

use crate::{
    context::{JobCtx, JobTools},
    job::{Outcome, luck},
    queue::{Claimed, Lease, Settlement, Verdict},
    registry::{Entry, Registry},
};

/// How long a job that this binary does not know is left to a node that does, as during a rolling update.
const UNKNOWN_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Runs a claimed job and says what becomes of its row. Never fails and never panics.
pub async fn perform(registry: &Registry, tools: &JobTools, job: Claimed) -> Settlement {
    let Some(entry) = registry.find(&job.name) else {
        tracing::warn!(job.id = %job.key().id, "no job is called {}; it is left to a newer node", job.name);
        let verdict = Verdict::Return { run_at: tools.now() + UNKNOWN_PAUSE, error: None, counted: false };
        return Settlement { lease: job.lease, verdict };
    };
    let attempt = job.lease.attempt();
    let span = tracing::info_span!(
        "job",
        otel.name = format!("job.{}", entry.name),
        tenant.id = %job.key().tenant,
        job.id = %job.key().id,
        request_id = job.request_id.as_deref().unwrap_or_default(),
        attempt,
    );
    run(entry, tools, job, attempt).instrument(span).await
}

async fn run(entry: &Entry, tools: &JobTools, job: Claimed, attempt: i32) -> Settlement {
    let Claimed { lease, payload, request_id, .. } = job;
    let started = Instant::now();
    // Beyond the last attempt only what lost its process in the last one comes here.
    let outcome = if attempt > i32::from(entry.policy.attempts) {
        Outcome::Stop("no attempt is left: its process was lost while it ran".into())
    } else {
        attempt_once(entry, payload, context(entry, tools, &lease, request_id)).await
    };
    let verdict = Verdict::of(outcome, attempt, &entry.policy, (tools.now(), luck()));
    report(entry, &verdict, started);
    Settlement { lease, verdict }
}

async fn attempt_once(entry: &Entry, payload: serde_json::Value, ctx: JobCtx) -> Outcome {
    let run = AssertUnwindSafe(entry.run(payload, ctx)).catch_unwind();
    match tokio::time::timeout(entry.policy.timeout, run).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Outcome::Again(format!("panicked: {}", panic_text(panic.as_ref()))),
        Err(_) => Outcome::Again(format!("took longer than {:?}", entry.policy.timeout)),
    }
}

fn context(entry: &Entry, tools: &JobTools, lease: &Lease, request_id: Option<String>) -> JobCtx {
    let key = lease.key();
    let mut scope = Scope::house(key.tenant);
    scope.request_id = request_id.map(Arc::from);
    let last = lease.attempt() >= i32::from(entry.policy.attempts);
    JobCtx { tools: tools.clone(), scope, job: key.id, attempt: lease.attempt(), last }
}

fn report(entry: &Entry, verdict: &Verdict, started: Instant) {
    let (queue, outcome) = (entry.queue.as_str(), verdict.as_str());
    counter!("stoa_jobs_finished_total", "queue" => queue, "name" => entry.name, "outcome" => outcome).increment(1);
    histogram!("stoa_job_duration_seconds", "queue" => queue, "name" => entry.name)
        .record(started.elapsed().as_secs_f64());
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match verdict {
        Verdict::Keep => tracing::debug!(duration_ms, "{} is done", entry.name),
        Verdict::Return { error: None, run_at, .. } => tracing::debug!(duration_ms, %run_at, "{} waits", entry.name),
        Verdict::Return { error: Some(error), run_at, .. } => {
            tracing::info!(duration_ms, %run_at, error, "{} failed and is tried again", entry.name);
        }
        Verdict::Discard(error) => tracing::warn!(duration_ms, error, "{} is discarded", entry.name),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&'static str>().copied()).unwrap_or("without a text")
}
