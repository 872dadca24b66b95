//! Tells an institution's owners and admins that one of their webhooks was switched off.
//!
//! Idempotent: one promise for each reader, whose letter carries the same id at every attempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_actors::mailer::{Mail, MailError, Party};
use stoa_core::{
    Id, Result, TenantId,
    events::RecordedEvent,
    id,
    webhooks::{DisabledNotice, disabled_notice},
};
use stoa_protocols::render::mail::{DisabledBecause, WebhookDisabled};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
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
    const POLICY: Policy =
        Policy { attempts: 20, timeout: Duration::from_mins(2), backoff: Backoff::doubling(10_000, 3_600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let notice = match load(&self, ctx).await {
            Ok(Some(notice)) => notice,
            Ok(None) => return Outcome::Done,
            Err(error) => return error.into(),
        };
        match self.reader {
            None => match promise_each(&self, ctx, &notice).await {
                Ok(()) => Outcome::Done,
                Err(error) => error.into(),
            },
            Some(reader) => write(&self, ctx, &notice, reader).await,
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.event, self.reader.map_or_else(String::new, |reader| reader.to_string())))
    }

    fn sample() -> Self {
        let nil = HOUSE.uuid();
        Self { tenant: HOUSE, webhook: Id::from_uuid(nil), event: Id::from_uuid(nil), reader: None }
    }
}

async fn load(job: &WebhookDisabledLetter, ctx: &JobCtx) -> Result<Option<DisabledNotice>> {
    let mut tx = ctx.tools.db.house().await?;
    let notice = disabled_notice(&mut tx, job.tenant, job.webhook).await?;
    tx.commit().await?;
    Ok(notice)
}

async fn promise_each(job: &WebhookDisabledLetter, ctx: &JobCtx, notice: &DisabledNotice) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    let jobs = notice
        .readers
        .iter()
        .map(|reader| NewJob::of(job.tenant, &WebhookDisabledLetter { reader: Some(reader.id), ..job.clone() }));
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Mail);
    Ok(())
}

async fn write(job: &WebhookDisabledLetter, ctx: &JobCtx, notice: &DisabledNotice, reader: Id<id::User>) -> Outcome {
    let Some(reader) = notice.readers.iter().find(|one| one.id == reader) else { return Outcome::Done };
    let post = &ctx.tools.mail;
    let context = WebhookDisabled {
        recipient_name: reader.name.clone(),
        institution_name: notice.institution_name.clone(),
        webhook_id: job.webhook.to_string(),
        webhook_url: notice.url.clone(),
        reason: DisabledBecause::Gone,
        failing_since: notice.failing_since,
        disabled_at: notice.disabled_at,
        not_received: notice.not_received,
        manage_url: format!("{}/api/integrations/webhooks/{}", ctx.tools.post_room.base_url(), job.webhook),
    };
    let letter = match post.renderer.letter(&context, &[&reader.locale, &notice.locale]) {
        Ok(letter) => letter,
        Err(error) => return Outcome::Stop(error.to_string()),
    };
    let mail = Mail {
        id: format!("{}{}", job.event.uuid().simple(), reader.id.uuid().simple()),
        date: notice.disabled_at,
        from: post.from.clone(),
        to: Party { name: Some(reader.name.clone()), address: reader.email.clone() },
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
    };
    match post.mailer.send(&mail).await {
        Ok(()) => Outcome::Done,
        Err(MailError::Refused(why)) => Outcome::Stop(why),
        Err(MailError::Deferred(why)) => Outcome::Again(why),
    }
}
