//! Tells an institution's owners and admins that letters to one of its people come back, and that no more are sent.
//!
//! Idempotent: one promise for each reader, whose letter has one occasion.

use serde::{Deserialize, Serialize};
use stoa_core::{
    Id, Result, Scope, TenantId, id,
    letters::{SuspensionNotice, suspension_notice},
};
use stoa_protocols::render::mail::AddressSuspended;

use super::post::{Addressee, POLICY, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Writes the letter to everybody whom it concerns, or, once that is promised, to one of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddressSuspendedLetter {
    /// Whose people they are.
    pub tenant: TenantId,
    /// The letter that came back.
    pub letter: Id<id::Letter>,
    /// One reader; none for all of them.
    pub reader: Option<Id<id::User>>,
}

impl Job for AddressSuspendedLetter {
    const NAME: &'static str = "mail/address_suspended";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

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
        Some(format!("{}:{}", self.letter, self.reader.map_or_else(String::new, |reader| reader.to_string())))
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, letter: Id::from_uuid(HOUSE.uuid()), reader: None }
    }
}

async fn load(job: &AddressSuspendedLetter, ctx: &JobCtx) -> Result<Option<SuspensionNotice>> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    suspension_notice(&mut tx, job.letter).await
}

async fn promise_each(job: &AddressSuspendedLetter, ctx: &JobCtx, notice: &SuspensionNotice) -> Result<()> {
    let each = |reader| AddressSuspendedLetter { reader: Some(reader), ..job.clone() };
    let jobs = notice.readers.iter().map(|reader| NewJob::of(job.tenant, &each(reader.id)));
    let mut tx = ctx.tools.db.house().await?;
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Mail);
    Ok(())
}

async fn write(job: &AddressSuspendedLetter, ctx: &JobCtx, notice: &SuspensionNotice, reader: Id<id::User>) -> Outcome {
    let Some(reader) = notice.readers.iter().find(|one| one.id == reader) else { return Outcome::Done };
    let letter_url = format!("{}/api/letters/{}", ctx.tools.post_room.base_url(), job.letter);
    let words = AddressSuspended {
        recipient_name: reader.name.clone(),
        institution_name: notice.facts.institution_name.clone(),
        member_name: notice.facts.member_name.clone(),
        address: notice.facts.recipient.clone(),
        reason: notice.facts.reason.clone(),
        suspended_at: notice.facts.suspended_at,
        letter_url,
    };
    let occasion = format!("{}:{}", job.letter, reader.id);
    post(ctx, &Addressee::of(job.tenant, reader), &occasion, &words).await
}
