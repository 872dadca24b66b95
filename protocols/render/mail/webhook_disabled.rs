//! Tells those who look after integrations that the server switched a webhook off.
//!
//! Not here: when it does so (`core/webhooks`).
//!
//! # Source
//! Standard Webhooks specification, "Operational considerations": a disabled endpoint is to be announced by another
//! way than webhooks.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Amount, Mail, Trouble, exact::exact};

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookDisabled {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose webhook it is.
    pub institution_name: String,
    /// `whk_…`
    pub webhook_id: String,
    /// Where deliveries went.
    pub webhook_url: String,
    /// Its host, for the subject.
    pub webhook_host: String,
    /// Why.
    pub reason: DisabledBecause,
    /// First failure since the last success, if it had been failing.
    pub failing_since: Option<DateTime<Utc>>,
    /// What was the matter with the latest attempt.
    pub trouble: Option<Trouble>,
    /// When it was switched off.
    pub disabled_at: DateTime<Utc>,
    /// Deliveries in the log that the receiver does not have.
    pub not_received: Amount,
    /// From when to replay.
    #[serde(serialize_with = "exact")]
    pub replay_since: DateTime<Utc>,
    /// Address of the webhook in the API.
    pub manage_url: String,
}

/// Why a webhook was switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledBecause {
    /// The receiver answered 410.
    Gone,
    /// The receiver failed for days.
    Failing,
}

impl Mail for WebhookDisabled {
    const NAME: &'static str = "webhook_disabled";

    fn samples() -> Vec<Self> {
        let disabled_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_778);
        let gone = Self {
            recipient_name: "박소라".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            webhook_id: "whk_01m7ynayr5ee9ag9yxnpgq1csr".to_owned(),
            webhook_url: "https://hooks.example.com/in?school=1&kind=\"a\"".to_owned(),
            webhook_host: "hooks.example.com".to_owned(),
            reason: DisabledBecause::Gone,
            failing_since: None,
            trouble: None,
            disabled_at,
            not_received: Amount::exactly(1),
            replay_since: disabled_at - TimeDelta::hours(1),
            manage_url: "https://stoa.example.com/api/integrations/webhooks/whk_01m7ynayr5ee9ag9yxnpgq1csr".to_owned(),
        };
        let failing = Self {
            reason: DisabledBecause::Failing,
            failing_since: Some(disabled_at - TimeDelta::days(5)),
            trouble: Some(Trouble::of("timeout")),
            not_received: Amount::exactly(42),
            replay_since: disabled_at - TimeDelta::days(5),
            ..gone.clone()
        };
        vec![gone, failing]
    }
}
