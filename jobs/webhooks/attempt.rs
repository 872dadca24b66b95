//! One attempt: headers signed anew, the same bytes, the door out, the verdict, and what follows.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use stoa_actors::egress::{self, Answer, FailureClass, Outbound, Outcome, Post, TlsFacts};
use stoa_core::clock::Clock;
use stoa_protocols::webhook::{Remarks, Tries, Verdict, judge, refusal};
use stoa_webhooks::{Next, Outgoing, Settlement, Timings};

/// When a delivery that could not leave for our own reasons is tried again.
const OURS_AGAIN: TimeDelta = TimeDelta::seconds(1);
/// When a delivery that cannot be signed here is looked at again: some other node may know the key.
const SHUT_AGAIN: TimeDelta = TimeDelta::seconds(30);

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
    if !outgoing.receiver.is_open() {
        return Tried::NotSent(started_at + SHUT_AGAIN);
    }
    let post = post(outgoing, started_at);
    let kept = outgoing.kept_headers(&post.headers, started_at);
    let answer = outbound.post(post).await;
    if matches!(answer.outcome, Outcome::Failure { class: FailureClass::Busy, .. }) {
        return Tried::NotSent(clock.now() + OURS_AGAIN);
    }
    let fared = fared(&answer);
    let settlement = Settlement { request_headers: kept, ..settlement(outgoing, started_at, clock.now(), answer) };
    log(outgoing, &settlement);
    Tried::Settled(Box::new(settlement), fared)
}

/// What came of a test, with all that is known of the way there.
#[derive(Debug)]
pub struct Diagnosis {
    /// What is written down.
    pub settlement: Settlement,
    /// What TLS agreed on.
    pub tls: Option<TlsFacts>,
    /// The headers that were sent, masked.
    pub headers: Vec<(String, String)>,
}

/// Makes the one attempt of a test.
pub(super) async fn test(outbound: &dyn Outbound, clock: &dyn Clock, outgoing: Outgoing) -> Diagnosis {
    let started_at = clock.now();
    let post = post(&outgoing, started_at);
    let (kept, headers) = (outgoing.kept_headers(&post.headers, started_at), outgoing.head(&post.headers));
    let mut answer = outbound.post(post).await;
    let tls = answer.tls.take();
    let settlement = Settlement { request_headers: kept, ..settlement(&outgoing, started_at, clock.now(), answer) };
    log(&outgoing, &settlement);
    Diagnosis { settlement, tls, headers }
}

fn post(outgoing: &Outgoing, started_at: DateTime<Utc>) -> Post {
    let headers = outgoing.all_headers(started_at);
    Post { url: Arc::clone(&outgoing.url), headers, body: outgoing.body.clone(), fresh: outgoing.test }
}

fn fared(answer: &Answer) -> Fared {
    match &answer.outcome {
        Outcome::Response { status, .. } if judge(*status) == Verdict::Received => Fared::Received,
        Outcome::Failure { class, .. } if class.is_timeout() => Fared::TimedOut,
        Outcome::Response { .. } | Outcome::Failure { .. } => Fared::Failed,
    }
}

fn settlement(outgoing: &Outgoing, started_at: DateTime<Utc>, ended_at: DateTime<Utc>, answer: Answer) -> Settlement {
    let (http_status, error, error_detail, response, retry_after) = match answer.outcome {
        Outcome::Response { status, excerpt, retry_after, location } => {
            let error = match judge(status) {
                Verdict::Received => None,
                Verdict::Gone => Some("gone".to_owned()),
                Verdict::Failed => Some(format!("http_{status}")),
            };
            let detail = refusal(status, Remarks { location: location.as_deref(), retry_after });
            (Some(status), error, detail, Some(excerpt).filter(|text| !text.is_empty()), retry_after)
        }
        Outcome::Failure { class, detail } => (None, Some(class.as_str().to_owned()), Some(detail), None, None),
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
        timings: timings(answer.timings),
        http_status: http_status.map(i32::from),
        error,
        error_detail,
        request_headers: None,
        response,
        address: answer.address,
        next: next(outgoing, verdict, started_at, (ended_at, retry_after)),
    }
}

fn timings(taken: egress::Timings) -> Timings {
    let ms = |part: Option<u32>| part.map(|ms| i32::try_from(ms).unwrap_or(i32::MAX));
    Timings {
        dns_ms: ms(taken.dns_ms),
        connect_ms: ms(taken.connect_ms),
        tls_ms: ms(taken.tls_ms),
        first_byte_ms: ms(taken.first_byte_ms),
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
