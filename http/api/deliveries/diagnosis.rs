//! What came of a test, told as a diagnosis: every part of the way, a verdict, and what could be better.
//!
//! Not here: making the test (`stoa_jobs::webhooks`), and the sentence for each failure (`stoa_actors::egress`,
//! `stoa_protocols::webhook`).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_actors::egress::TlsFacts;
use stoa_core::{Id, id};
use stoa_jobs::webhooks::Diagnosis;
use stoa_webhooks::{DeliveryStatus, Next, Settlement, Timings};

use super::views::RequestView;
use crate::doors::{Sample, sample};

/// An answer that takes longer is worth a word: half of the time after which it would count as none.
const SLOW_MS: i32 = 5_000;
/// A certificate that ends sooner is worth a word.
const ENDS_WITHIN_DAYS: i64 = 21;

/// What came of a test.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TestResult")]
pub(super) struct TestView {
    delivery_id: Id<id::Delivery>,
    /// Type that was sent, in the dialect's name.
    event_type: String,
    /// Was it received.
    status: DeliveryStatus,
    /// The same in a sentence: what happened, and what to look at.
    verdict: String,
    /// What could be better though it was received, or beside the failure.
    advice: Vec<String>,
    http_status: Option<i32>,
    duration_ms: i32,
    /// Of that, looking the name up; null for an address without a name.
    dns_ms: Option<i32>,
    /// Connecting.
    connect_ms: Option<i32>,
    /// Agreeing on TLS; null for plain http.
    tls_ms: Option<i32>,
    /// From the request to the head of its answer.
    first_byte_ms: Option<i32>,
    /// What TLS agreed on; null if it did not come to that.
    tls: Option<TlsView>,
    /// Address that was connected to.
    address: Option<String>,
    /// Class of the failure in a word; null when received.
    error: Option<String>,
    /// First KiB of the answer.
    response_excerpt: Option<String>,
    /// What was sent.
    request: RequestView,
}

/// What TLS agreed on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TlsFacts")]
struct TlsView {
    /// `TLS 1.2` or `TLS 1.3`.
    version: Option<&'static str>,
    /// Whose the receiver's certificate is.
    subject: Option<String>,
    /// Who vouches for that.
    issuer: Option<String>,
    /// Until when.
    valid_until: Option<DateTime<Utc>>,
}

impl From<TlsFacts> for TlsView {
    fn from(facts: TlsFacts) -> Self {
        let (subject, issuer, valid_until) = facts
            .certificate
            .map_or((None, None, None), |known| (Some(known.subject), Some(known.issuer), Some(known.valid_until)));
        Self { version: facts.version, subject, issuer, valid_until }
    }
}

impl TestView {
    pub(super) fn of(diagnosis: Diagnosis, event_type: String, (url, body): (&str, String)) -> Self {
        let Diagnosis { settlement, tls, headers } = diagnosis;
        let Timings { dns_ms, connect_ms, tls_ms, first_byte_ms } = settlement.timings;
        Self {
            delivery_id: settlement.delivery,
            event_type,
            status: if is_received(&settlement) { DeliveryStatus::Succeeded } else { DeliveryStatus::Exhausted },
            verdict: verdict(&settlement),
            advice: advice(&settlement, tls.as_ref(), url),
            http_status: settlement.http_status,
            duration_ms: settlement.duration_ms,
            dns_ms,
            connect_ms,
            tls_ms,
            first_byte_ms,
            tls: tls.map(TlsView::from),
            address: settlement.address,
            error: settlement.error,
            response_excerpt: settlement.response,
            request: RequestView::new(url, headers, Some(body)),
        }
    }
}

/// Did the receiver take it.
pub(super) fn is_received(settlement: &Settlement) -> bool {
    settlement.next == Next::Succeeded
}

fn verdict(settlement: &Settlement) -> String {
    match (settlement.http_status, &settlement.error_detail) {
        (_, Some(detail)) => format!("not received: {detail}"),
        (Some(status), None) => format!("received: answered {status} in {} ms", settlement.duration_ms),
        (None, None) => "not received".to_owned(),
    }
}

fn advice(settlement: &Settlement, tls: Option<&TlsFacts>, url: &str) -> Vec<String> {
    let mut said = Vec::new();
    if is_received(settlement) && settlement.duration_ms > SLOW_MS {
        said.push(format!("it took {} ms: answer at once and do the work afterwards", settlement.duration_ms));
    }
    if url.starts_with("http://") {
        said.push("it is plain http, which shows every body to the network between: use https".to_owned());
    }
    if let Some(certificate) = tls.and_then(|tls| tls.certificate.as_ref()) {
        let left = (certificate.valid_until - settlement.started_at).num_days();
        if (0..ENDS_WITHIN_DAYS).contains(&left) {
            let day = certificate.valid_until.format("%Y-%m-%d");
            said.push(format!("its certificate ends on {day}, in {left} days: renew it before"));
        }
    }
    said
}

impl Sample for TestView {
    fn sample() -> Self {
        Self {
            delivery_id: sample::id(),
            event_type: "course.completed".into(),
            status: DeliveryStatus::Succeeded,
            verdict: "received: answered 200 in 41 ms".into(),
            advice: Vec::new(),
            http_status: Some(200),
            duration_ms: 41,
            dns_ms: Some(3),
            connect_ms: Some(9),
            tls_ms: Some(17),
            first_byte_ms: Some(11),
            tls: Some(TlsView {
                version: Some("TLS 1.3"),
                subject: Some("CN=hooks.example.com".into()),
                issuer: Some("CN=R11,O=Let's Encrypt,C=US".into()),
                valid_until: Some(sample::time()),
            }),
            address: Some("203.0.113.7:443".into()),
            error: None,
            response_excerpt: Some("ok".into()),
            request: RequestView::sample(),
        }
    }
}

#[cfg(test)]
mod tests {
    use stoa_actors::egress::CertificateFacts;
    use stoa_core::TenantId;

    use super::*;

    fn settlement(next: Next, duration_ms: i32) -> Settlement {
        Settlement {
            tenant: TenantId::from_uuid(uuid::Uuid::nil()),
            delivery: sample::id(),
            webhook: sample::id(),
            was_failing: false,
            test: true,
            attempt: 1,
            started_at: sample::time(),
            duration_ms,
            timings: Timings::default(),
            http_status: (next == Next::Succeeded).then_some(204),
            error: None,
            error_detail: (next != Next::Succeeded).then(|| "connection refused".to_owned()),
            request_headers: None,
            response: None,
            address: None,
            next,
        }
    }

    fn ends_in(days: i64) -> TlsFacts {
        let valid_until = sample::time() + chrono::TimeDelta::days(days);
        let (subject, issuer) = (String::new(), String::new());
        TlsFacts { version: Some("TLS 1.3"), certificate: Some(CertificateFacts { subject, issuer, valid_until }) }
    }

    #[test]
    fn a_verdict_says_what_happened() {
        assert_eq!(verdict(&settlement(Next::Succeeded, 41)), "received: answered 204 in 41 ms");
        assert_eq!(verdict(&settlement(Next::Exhausted, 41)), "not received: connection refused");
    }

    #[test]
    fn what_could_be_better_is_said_and_nothing_else() {
        let good = settlement(Next::Succeeded, SLOW_MS);
        assert_eq!(advice(&good, Some(&ends_in(90)), "https://a.example/"), [""; 0]);
        let slow = settlement(Next::Succeeded, SLOW_MS + 1);
        assert!(advice(&slow, None, "https://a.example/")[0].starts_with("it took 5001 ms"));
        assert!(advice(&good, None, "http://a.example/")[0].starts_with("it is plain http"));
        assert!(advice(&good, Some(&ends_in(5)), "https://a.example/")[0].contains("in 5 days"));
        let failed = settlement(Next::Exhausted, SLOW_MS + 1);
        assert_eq!(advice(&failed, Some(&ends_in(-5)), "https://a.example/"), [""; 0], "the verdict says it");
    }
}
