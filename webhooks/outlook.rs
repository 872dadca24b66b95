//! What will happen to a delivery next, when, and why, in words for whoever looks at the log.
//!
//! Not here: deciding it (`jobs/webhooks`, `settle`, `order`, `coalesce`); this reads what they wrote.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Delivery, DeliveryStatus, NextAction, Webhook, WebhookStatus};
use stoa_core::id::{self, Id};

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// In a word.
    pub action: NextAction,
    /// When, if that is known.
    pub at: Option<DateTime<Utc>>,
    /// Why, in words.
    pub why: String,
}

/// What is known around a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Its receiver; none once it was deleted.
    pub webhook: Option<&'a Webhook>,
    /// The delivery that it waits behind, if it is known which.
    pub before: Option<Id<id::Delivery>>,
    /// Until when its receiver is left alone, as far as this node knows.
    pub held_until: Option<DateTime<Utc>>,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Delivery {
    /// Says what happens next.
    pub fn outlook(&self, around: Around<'_>) -> Outlook {
        match self.status {
            DeliveryStatus::Pending | DeliveryStatus::Retrying => match around.webhook {
                Some(webhook) => self.owed(webhook, around),
                None => ended(&cancelled(Some("webhook_deleted"))),
            },
            DeliveryStatus::Succeeded => ended(&format!("received with attempt {}", self.attempt_count)),
            DeliveryStatus::Exhausted => ended(&self.exhausted(around.webhook)),
            DeliveryStatus::Cancelled => ended(&cancelled(self.reason.as_deref())),
            DeliveryStatus::Skipped => ended(&skipped(self.reason.as_deref())),
        }
    }

    fn owed(&self, webhook: &Webhook, around: Around<'_>) -> Outlook {
        let wait = |why: String| Outlook { action: NextAction::Wait, at: None, why };
        match webhook.status {
            WebhookStatus::Enabled => {}
            WebhookStatus::Paused => return wait("waits: the webhook is paused; it is sent when it is resumed".into()),
            WebhookStatus::PendingApproval => return wait("waits: the webhook waits for approval".into()),
            WebhookStatus::DisabledByUser | WebhookStatus::DisabledFailing => {
                return wait("waits: the webhook is disabled; enable it".into());
            }
        }
        if self.test {
            return wait("is being sent: a test is tried once, at once".into());
        }
        if self.behind {
            let before = around.before.map_or("an earlier event of its object".to_owned(), |one| one.to_string());
            return wait(format!("waits behind {before} (ordered): it is sent when that one has ended"));
        }
        self.timed(webhook, around)
    }

    fn timed(&self, webhook: &Webhook, around: Around<'_>) -> Outlook {
        let attempt = |at: DateTime<Utc>, why: String| Outlook { action: NextAction::Attempt, at: Some(at), why };
        let due = self.next_attempt_at.unwrap_or(around.now);
        if let Some(until) = around.held_until.filter(|until| *until > around.now) {
            let at = until.max(due);
            let said = moment(until);
            return attempt(at, format!("held behind an open breaker until {said}: the receiver failed repeatedly"));
        }
        if let Some(until) = self.wait_until.filter(|until| *until > around.now && self.attempt_count == 0) {
            let said = moment(until);
            return attempt(
                until,
                format!(
                    "waits for the end of its coalescing window at {said}; a later state would be sent in its place"
                ),
            );
        }
        let made = self.attempt_count.saturating_sub(self.attempts_before);
        let (number, of) = (made.saturating_add(1), webhook.retry_policy.attempts());
        if due > around.now {
            return attempt(due, format!("will be tried again at {}, attempt {number} of {of}", moment(due)));
        }
        attempt(
            due,
            format!("is due now, attempt {number} of {of}: it is sent as soon as its receiver has a free place"),
        )
    }

    fn exhausted(&self, webhook: Option<&Webhook>) -> String {
        match self.reason.as_deref() {
            _ if self.test => "a test is tried once".to_owned(),
            Some("window_closed") => {
                "the time for retries ran out while the receiver was left alone; it can be redelivered".to_owned()
            }
            _ => {
                let made = self.attempt_count.saturating_sub(self.attempts_before);
                let policy = webhook.map(|webhook| format!(" that the policy {} has", webhook.retry_policy));
                format!("attempt {made} was the last{}; it can be redelivered", policy.unwrap_or_default())
            }
        }
    }
}

fn ended(why: &str) -> Outlook {
    Outlook { action: NextAction::Nothing, at: None, why: format!("ended: {why}") }
}

fn cancelled(reason: Option<&str>) -> String {
    match reason {
        Some("webhook_deleted") => "the webhook was deleted".to_owned(),
        Some("webhook_disabled") => "the webhook was disabled; it can be redelivered once it is enabled".to_owned(),
        Some("event_gone") => "its bytes were forgotten before they could be sent".to_owned(),
        Some("gone") => "the receiver answered 410 and never wants any again".to_owned(),
        Some(other) => format!("it is not owed any more ({other})"),
        None => "it is not owed any more".to_owned(),
    }
}

fn skipped(reason: Option<&str>) -> String {
    match reason {
        Some("coalesced") => "a later state of the same object was sent in its place".to_owned(),
        Some(other) => format!("it was left out ({other})"),
        None => "it was left out".to_owned(),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
