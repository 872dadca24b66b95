//! What letters about a token have in common: whom they go to.
//!
//! Idempotent: one promise for each reader, whose letter has one occasion.

use stoa_core::{
    Id, Result, Scope, TenantId, id,
    letters::Reader,
    tokens::{TokenNotice, token_notice},
};
use stoa_protocols::render;

use super::post::{Addressee, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Queue},
    queue::{self, NewJob},
};

/// A letter about a token: to everybody whom it concerns, or, once that is promised, to one of them.
pub(super) trait AboutToken: Job + Sized {
    /// What its layouts are given.
    type Words: render::Mail;

    /// Whose token it is, which, and the event that says so.
    fn about(&self) -> (TenantId, Id<id::Token>, Id<id::Event>);

    /// The one reader; none for all of them.
    fn reader(&self) -> Option<Id<id::User>>;

    /// The same letter to one reader.
    fn to(&self, reader: Id<id::User>) -> Self;

    /// What it says; none when it is not true any more.
    fn words(&self, notice: &TokenNotice, reader: &Reader, api: &str) -> Option<Self::Words>;
}

/// Writes a letter to its reader, or promises one to each.
pub(super) async fn write<L: AboutToken>(letter: &L, ctx: &JobCtx) -> Outcome {
    let notice = match load(letter, ctx).await {
        Ok(Some(notice)) => notice,
        Ok(None) => return Outcome::Done,
        Err(error) => return error.into(),
    };
    let Some(reader) = letter.reader() else {
        return match promise_each(letter, ctx, &notice).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        };
    };
    let (tenant, _, event) = letter.about();
    let Some(reader) = notice.readers.iter().find(|one| one.id == reader) else { return Outcome::Done };
    let api = format!("{}/api", ctx.tools.post_room.base_url());
    let Some(words) = letter.words(&notice, reader, &api) else { return Outcome::Done };
    post(ctx, &Addressee::of(tenant, reader), &format!("{event}:{}", reader.id), &words).await
}

async fn load<L: AboutToken>(letter: &L, ctx: &JobCtx) -> Result<Option<TokenNotice>> {
    let (tenant, token, _) = letter.about();
    let mut tx = ctx.tools.db.tenant(&Scope::house(tenant)).await?;
    token_notice(&mut tx, token).await
}

async fn promise_each<L: AboutToken>(letter: &L, ctx: &JobCtx, notice: &TokenNotice) -> Result<()> {
    let (tenant, _, _) = letter.about();
    let mut tx = ctx.tools.db.house().await?;
    let jobs = notice.readers.iter().map(|reader| NewJob::of(tenant, &letter.to(reader.id)));
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Mail);
    Ok(())
}
