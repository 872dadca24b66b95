//! Tells those who look after integrations that a receiver fails: when it is sure, and before it is switched off.
//!
//! Not here: when that is (`core/webhooks`).
//!
//! # Source
//! Standard Webhooks specification, "Operational considerations": a failing endpoint is to be announced by another way
//! than webhooks, before it is disabled.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Amount, Mail, Trouble, exact::exact};

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookFailing {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose webhook it is.
    pub institution_name: String,
    /// `whk_…`
    pub webhook_id: String,
    /// Where deliveries go.
    pub webhook_url: String,
    /// Its host, for the subject.
    pub webhook_host: String,
    /// Which of the two letters it is.
    pub stage: FailingStage,
    /// First failure since the last success.
    pub failing_since: DateTime<Utc>,
    /// Failures since then.
    pub failed_attempts: i32,
    /// What was the matter with the latest attempt.
    pub trouble: Option<Trouble>,
    /// Deliveries that are still tried.
    pub waiting: Amount,
    /// Deliveries that were given up since it fails.
    pub given_up: Amount,
    /// When it is switched off; only in the second letter.
    pub disables_at: Option<DateTime<Utc>>,
    /// From when to replay.
    #[serde(serialize_with = "exact")]
    pub replay_since: DateTime<Utc>,
    /// Address of the webhook in the API.
    pub manage_url: String,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailingStage {
    /// It fails, and not just for a moment.
    Failing,
    /// It is switched off soon unless it receives something.
    LastDay,
}

impl Mail for WebhookFailing {
    const NAME: &'static str = "webhook_failing";

    fn samples() -> Vec<Self> {
        let failing_since = DateTime::UNIX_EPOCH + TimeDelta::days(20_778);
        let first = Self {
            recipient_name: "박소라".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            webhook_id: "whk_01m7ynayr5ee9ag9yxnpgq1csr".to_owned(),
            webhook_url: "https://hooks.example.com/in?school=1&kind=\"a\"".to_owned(),
            webhook_host: "hooks.example.com".to_owned(),
            stage: FailingStage::Failing,
            failing_since,
            failed_attempts: 12,
            trouble: Some(Trouble::of("http_503")),
            waiting: Amount::exactly(1),
            given_up: Amount::exactly(0),
            disables_at: None,
            replay_since: failing_since,
            manage_url: "https://stoa.example.com/api/integrations/webhooks/whk_01m7ynayr5ee9ag9yxnpgq1csr".to_owned(),
        };
        let last_day = Self {
            stage: FailingStage::LastDay,
            failed_attempts: 5_760,
            trouble: None,
            waiting: Amount::exactly(17),
            given_up: Amount::more_than(10_000),
            disables_at: Some(failing_since + TimeDelta::days(5)),
            ..first.clone()
        };
        vec![first, last_day]
    }
}
