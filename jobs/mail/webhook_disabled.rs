//! Tells an institution's owners, admins and integrators that one of their webhooks was switched off.
//!
//! Idempotent: one promise for each reader, whose letter carries the same id at every attempt.

use serde::{Deserialize, Serialize};
use stoa_core::{Id, TenantId, events::RecordedEvent, id, letters::Reader};
use stoa_protocols::render::mail::{DisabledBecause, Trouble, WebhookDisabled};
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
pub struct WebhookDisabledLetter {
    /// Whose webhook it is.
    pub tenant: TenantId,
    /// The webhook.
    pub webhook: Id<id::Webhook>,
    /// The event that says so.
    pub event: Id<id::Event>,
    /// One reader; none for all of them.
    pub reader: Option<Id<id::User>>,
}

impl WebhookDisabledLetter {
    pub(crate) fn of(event: &RecordedEvent) -> Self {
        Self { tenant: event.tenant, webhook: Id::from_uuid(event.fact.object_id), event: event.id, reader: None }
    }
}

impl Job for WebhookDisabledLetter {
    const NAME: &'static str = "mail/webhook_disabled";
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
        Self { tenant: HOUSE, webhook: Id::from_uuid(nil), event: Id::from_uuid(nil), reader: None }
    }
}

impl AboutWebhook for WebhookDisabledLetter {
    type Words = WebhookDisabled;

    fn about(&self) -> (TenantId, Id<id::Webhook>, Id<id::Event>) {
        (self.tenant, self.webhook, self.event)
    }

    fn reader(&self) -> Option<Id<id::User>> {
        self.reader
    }

    fn to(&self, reader: Id<id::User>) -> Self {
        Self { reader: Some(reader), ..self.clone() }
    }

    fn words(&self, notice: &Notice, reader: &Reader, manage_url: String) -> Option<WebhookDisabled> {
        let disabled_at = notice.disabled_at.filter(|_| notice.status == WebhookStatus::DisabledFailing)?;
        Some(WebhookDisabled {
            recipient_name: reader.name.clone(),
            institution_name: notice.institution_name.clone(),
            webhook_id: self.webhook.to_string(),
            webhook_url: notice.url.clone(),
            webhook_host: host(&notice.url),
            reason: if notice.is_gone { DisabledBecause::Gone } else { DisabledBecause::Failing },
            failing_since: notice.failing_since,
            trouble: notice.trouble.as_deref().map(Trouble::of),
            disabled_at,
            not_received: amount(notice.not_received, notice.and_more),
            replay_since: notice.replay_since().unwrap_or(disabled_at),
            manage_url,
        })
    }
}
