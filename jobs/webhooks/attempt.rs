//! One attempt: headers signed anew, the same bytes, the door out, the verdict, and what follows.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use stoa_actors::egress::{Answer, FailureClass, Outbound, Outcome, Post};
use stoa_core::{
    clock::Clock,
    webhooks::{Next, Outgoing, Settlement},
};
use stoa_protocols::webhook::{Tries, Verdict, judge};

/// When a delivery that could not leave for our own reasons is tried again.
const OURS_AGAIN: TimeDelta = TimeDelta::seconds(1);
const USER_AGENT: &str = concat!("Stoa/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// What came of an attempt.
pub(super) enum Tried {
    /// The receiver was asked: what it said, and what follows.
    Settled(Box<Settlement>, Fared),
    /// Nothing was sent, for reasons of ours; the attempt does not count.
    NotSent(DateTime<Utc>),
}

/// How it went, in the words of the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fared {
    Received,
    Failed,
    TimedOut,
}

/// Makes an attempt.
pub(super) async fn attempt(outbound: &dyn Outbound, clock: &dyn Clock, outgoing: &Outgoing) -> Tried {
    let started_at = clock.now();
    let answer = outbound.post(post(outgoing, started_at)).await;
    if matches!(answer.outcome, Outcome::Failure { class: FailureClass::Busy, .. }) {
        return Tried::NotSent(clock.now() + OURS_AGAIN);
    }
    let fared = fared(&answer);
    let settlement = settlement(outgoing, started_at, clock.now(), answer);
    log(outgoing, &settlement);
    Tried::Settled(Box::new(settlement), fared)
}

/// Makes the one attempt of a test.
pub(super) async fn test(outbound: &dyn Outbound, clock: &dyn Clock, outgoing: Outgoing) -> Settlement {
    let started_at = clock.now();
    let answer = outbound.post(post(&outgoing, started_at)).await;
    let settlement = settlement(&outgoing, started_at, clock.now(), answer);
    log(&outgoing, &settlement);
    settlement
}

fn post(outgoing: &Outgoing, started_at: DateTime<Utc>) -> Post {
    let mut headers: Vec<(String, String)> =
        outgoing.headers(started_at).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    headers.push(("user-agent".to_owned(), USER_AGENT.to_owned()));
    if let Some(request_id) = &outgoing.request_id {
        headers.push(("x-request-id".to_owned(), request_id.to_string()));
    }
    Post { url: Arc::clone(&outgoing.url), headers, body: outgoing.body.clone() }
}

fn fared(answer: &Answer) -> Fared {
    match &answer.outcome {
        Outcome::Response { status, .. } if judge(*status) == Verdict::Received => Fared::Received,
        Outcome::Failure { class, .. } if class.is_timeout() => Fared::TimedOut,
        Outcome::Response { .. } | Outcome::Failure { .. } => Fared::Failed,
    }
}

fn settlement(outgoing: &Outgoing, started_at: DateTime<Utc>, ended_at: DateTime<Utc>, answer: Answer) -> Settlement {
    let (http_status, error, response, retry_after) = match answer.outcome {
        Outcome::Response { status, excerpt, retry_after } => {
            let error = match judge(status) {
                Verdict::Received => None,
                Verdict::Gone => Some("gone".to_owned()),
                Verdict::Failed => Some(format!("http_{status}")),
            };
            (Some(status), error, Some(excerpt).filter(|text| !text.is_empty()), retry_after)
        }
        Outcome::Failure { class, detail } => (None, Some(class.as_str().to_owned()), Some(detail), None),
    };
    let verdict = http_status.map_or(Verdict::Failed, judge);
    Settlement {
        tenant: outgoing.receiver.tenant,
        delivery: outgoing.delivery,
        webhook: outgoing.receiver.webhook,
        was_failing: outgoing.receiver.failing,
        test: outgoing.test,
        attempt: outgoing.attempts.saturating_add(1),
        started_at,
        duration_ms: i32::try_from(answer.duration_ms).unwrap_or(i32::MAX),
        http_status: http_status.map(i32::from),
        error,
        response,
        address: answer.address,
        next: next(outgoing, verdict, started_at, (ended_at, retry_after)),
    }
}

fn next(
    outgoing: &Outgoing,
    verdict: Verdict,
    started_at: DateTime<Utc>,
    (now, retry_after_secs): (DateTime<Utc>, Option<u64>),
) -> Next {
    match verdict {
        Verdict::Received => Next::Succeeded,
        Verdict::Failed | Verdict::Gone if outgoing.test => Next::Exhausted,
        Verdict::Gone => Next::Gone,
        Verdict::Failed => {
            let made = outgoing.attempts.saturating_sub(outgoing.attempts_before).saturating_add(1);
            let tries = Tries {
                attempts_made: u32::try_from(made).unwrap_or(u32::MAX),
                first_attempt_at: outgoing.first_attempt_at.unwrap_or(started_at),
                now,
                retry_after: retry_after_secs.and_then(|secs| TimeDelta::from_std(Duration::from_secs(secs)).ok()),
                jitter: rand::random(),
            };
            outgoing.receiver.policy.next_attempt(&tries).map_or(Next::Exhausted, Next::Retry)
        }
    }
}

/// One line per attempt; never the body, the address' query or a secret.
fn log(outgoing: &Outgoing, settlement: &Settlement) {
    let host = outgoing.url.split('/').nth(2).unwrap_or_default();
    let verdict = match settlement.next {
        Next::Succeeded => "received",
        Next::Retry(_) => "failed",
        Next::Exhausted => "exhausted",
        Next::Gone => "gone",
    };
    metrics::counter!("stoa_delivery_attempts_total", "verdict" => verdict, "dialect" => outgoing.receiver.dialect.as_str())
        .increment(1);
    tracing::info!(
        tenant.id = %settlement.tenant,
        delivery.id = %settlement.delivery,
        event.id = %outgoing.event,
        attempt = settlement.attempt,
        duration_ms = settlement.duration_ms,
        http_status = settlement.http_status,
        error = settlement.error.as_deref(),
        request_id = outgoing.request_id.as_deref(),
        "{verdict}: {} to {host}",
        outgoing.event_type,
    );
}
