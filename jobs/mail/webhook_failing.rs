//! Tells an institution's owners, admins and integrators that a receiver of theirs fails: when it is sure, and a day
//! before it is switched off.
//!
//! Idempotent: one promise for each reader, whose letter carries the same id at every attempt. One that comes too late,
//! when the receiver is well again, is not written.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stoa_core::{Id, TenantId, events::RecordedEvent, id, letters::Reader};
use stoa_protocols::render::mail::{FailingStage, Trouble, WebhookFailing};
use stoa_webhooks::{Notice, WebhookStatus};

use super::{
    about_webhook::{self, AboutWebhook, amount, host},
    post::POLICY,
};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::HOUSE,
};

/// Writes the letter to everybody whom it concerns, or, once that is promised, to one of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WebhookFailingLetter {
    /// Whose webhook it is.
    pub tenant: TenantId,
    /// The webhook.
    pub webhook: Id<id::Webhook>,
    /// The event that says so.
    pub event: Id<id::Event>,
    /// When it is switched off; none in the first letter, where that is far.
    pub disables_at: Option<DateTime<Utc>>,
    /// One reader; none for all of them.
    pub reader: Option<Id<id::User>>,
}

impl WebhookFailingLetter {
    pub(crate) fn of(event: &RecordedEvent) -> Self {
        let webhook = Id::from_uuid(event.fact.object_id);
        let disables_at = event.fact.data.webhook.as_ref().and_then(|webhook| webhook.disables_at);
        Self { tenant: event.tenant, webhook, event: event.id, disables_at, reader: None }
    }
}

impl Job for WebhookFailingLetter {
    const NAME: &'static str = "mail/webhook_failing";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        about_webhook::write(&self, ctx).await
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.event, self.reader.map_or_else(String::new, |reader| reader.to_string())))
    }

    fn sample() -> Self {
        let nil = HOUSE.uuid();
        Self { tenant: HOUSE, webhook: Id::from_uuid(nil), event: Id::from_uuid(nil), disables_at: None, reader: None }
    }
}

impl AboutWebhook for WebhookFailingLetter {
    type Words = WebhookFailing;

    fn about(&self) -> (TenantId, Id<id::Webhook>, Id<id::Event>) {
        (self.tenant, self.webhook, self.event)
    }

    fn reader(&self) -> Option<Id<id::User>> {
        self.reader
    }

    fn to(&self, reader: Id<id::User>) -> Self {
        Self { reader: Some(reader), ..self.clone() }
    }

    fn words(&self, notice: &Notice, reader: &Reader, manage_url: String) -> Option<WebhookFailing> {
        let failing_since = notice.failing_since.filter(|_| notice.status == WebhookStatus::Enabled)?;
        let stage = if self.disables_at.is_some() { FailingStage::LastDay } else { FailingStage::Failing };
        // It may have been well in between and have begun to fail anew, of which nobody was to be told yet.
        let told = if self.disables_at.is_some() { 2 } else { 1 };
        (notice.told >= told).then(|| WebhookFailing {
            recipient_name: reader.name.clone(),
            institution_name: notice.institution_name.clone(),
            webhook_id: self.webhook.to_string(),
            webhook_url: notice.url.clone(),
            webhook_host: host(&notice.url),
            stage,
            failing_since,
            failed_attempts: notice.failed_attempts,
            trouble: notice.trouble.as_deref().map(Trouble::of),
            waiting: amount(notice.waiting, notice.and_more),
            given_up: amount(notice.not_received, notice.and_more),
            disables_at: self.disables_at,
            replay_since: failing_since,
            manage_url,
        })
    }
}
