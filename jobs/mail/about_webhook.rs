//! What letters about a webhook have in common: whom they go to, and the sending.
//!
//! Idempotent: one promise for each reader, whose letter carries the same id at every attempt.

use std::time::Duration;

use stoa_actors::mailer::{Mail, MailError, Party};
use stoa_core::{Id, Result, TenantId, id};
use stoa_protocols::render::{self, mail::Amount};
use stoa_webhooks::{Notice, Reader, notice};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{self, NewJob},
};

/// How a letter is tried: a mail server that is away for a day delays it, and no more.
pub(super) const POLICY: Policy =
    Policy { attempts: 20, timeout: Duration::from_mins(2), backoff: Backoff::doubling(10_000, 3_600_000) };

/// A letter about a webhook: to everybody whom it concerns, or, once that is promised, to one of them.
pub(super) trait AboutWebhook: Job + Sized {
    /// What its templates are given.
    type Words: render::Mail;

    /// Whose webhook it is, which, and the event that says so.
    fn about(&self) -> (TenantId, Id<id::Webhook>, Id<id::Event>);

    /// The one reader; none for all of them.
    fn reader(&self) -> Option<Id<id::User>>;

    /// The same letter to one reader.
    fn to(&self, reader: Id<id::User>) -> Self;

    /// What it says; none when it is not true any more.
    fn words(&self, notice: &Notice, reader: &Reader, manage_url: String) -> Option<Self::Words>;
}

/// Writes a letter to its reader, or promises one to each.
pub(super) async fn write<L: AboutWebhook>(letter: &L, ctx: &JobCtx) -> Outcome {
    let notice = match load(letter, ctx).await {
        Ok(Some(notice)) => notice,
        Ok(None) => return Outcome::Done,
        Err(error) => return error.into(),
    };
    match letter.reader() {
        None => match promise_each(letter, ctx, &notice).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        },
        Some(reader) => send(letter, ctx, &notice, reader).await,
    }
}

/// How many, as far as they were counted.
pub(super) fn amount(count: i64, and_more: bool) -> Amount {
    let count = u64::try_from(count).unwrap_or_default();
    if and_more && count > 0 { Amount::MoreThan(count) } else { Amount::Exactly(count) }
}

/// The host of an address, for a subject.
pub(super) fn host(url: &str) -> String {
    url.split('/').nth(2).unwrap_or(url).to_owned()
}

async fn load<L: AboutWebhook>(letter: &L, ctx: &JobCtx) -> Result<Option<Notice>> {
    let (tenant, webhook, _) = letter.about();
    let mut tx = ctx.tools.db.house().await?;
    let notice = notice(&mut tx, tenant, webhook).await?;
    tx.commit().await?;
    Ok(notice)
}

async fn promise_each<L: AboutWebhook>(letter: &L, ctx: &JobCtx, notice: &Notice) -> Result<()> {
    let (tenant, _, _) = letter.about();
    let mut tx = ctx.tools.db.house().await?;
    let jobs = notice.readers.iter().map(|reader| NewJob::of(tenant, &letter.to(reader.id)));
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Mail);
    Ok(())
}

async fn send<L: AboutWebhook>(letter: &L, ctx: &JobCtx, notice: &Notice, reader: Id<id::User>) -> Outcome {
    let (_, webhook, event) = letter.about();
    let post = &ctx.tools.mail;
    let Some(reader) = notice.readers.iter().find(|one| one.id == reader) else { return Outcome::Done };
    let manage_url = format!("{}/api/integrations/webhooks/{webhook}", ctx.tools.post_room.base_url());
    let Some(words) = letter.words(notice, reader, manage_url) else { return Outcome::Done };
    let written = match post.renderer.letter(&words, &[&reader.locale, &notice.locale]) {
        Ok(written) => written,
        Err(error) => return Outcome::Stop(error.to_string()),
    };
    let mail = Mail {
        id: format!("{}{}", event.uuid().simple(), reader.id.uuid().simple()),
        date: ctx.tools.now(),
        from: post.from.clone(),
        to: Party { name: Some(reader.name.clone()), address: reader.email.clone() },
        subject: written.subject,
        text: written.text,
        html: written.html,
    };
    match post.mailer.send(&mail).await {
        Ok(()) => Outcome::Done,
        Err(MailError::Refused(why)) => Outcome::Stop(why),
        Err(MailError::Deferred(why)) => Outcome::Again(why),
    }
}
