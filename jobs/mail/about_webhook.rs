//! What letters about a webhook have in common: whom they go to, and the sending.
//!
//! Idempotent: one promise for each reader, whose letter carries the same id at every attempt.

use stoa_core::{Id, Result, TenantId, id, letters::Reader};
use stoa_protocols::render::{self, mail::Amount};
use stoa_webhooks::{Notice, notice};

use super::post::{Addressee, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Queue},
    queue::{self, NewJob},
};

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
    if and_more && count > 0 { Amount::more_than(count) } else { Amount::exactly(count) }
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
    let (tenant, webhook, event) = letter.about();
    let Some(reader) = notice.readers.iter().find(|one| one.id == reader) else { return Outcome::Done };
    let manage_url = format!("{}/api/integrations/webhooks/{webhook}", ctx.tools.post_room.base_url());
    let Some(words) = letter.words(notice, reader, manage_url) else { return Outcome::Done };
    post(ctx, &Addressee::of(tenant, reader), &format!("{event}:{}", reader.id), &words).await
}
