//! Tells whose report it is that somebody gets it no more; the institution's owners and admins, where it is nobody's.
//!
//! Idempotent: one promise for each reader, whose letter has one occasion. What was mended meanwhile is not told.

use serde::{Deserialize, Serialize};
use stoa_core::{
    Id, Result, Role, Scope, TenantId, id,
    letters::{Reader, reader, readers},
};
use stoa_protocols::render::mail::ReportUndelivered;
use stoa_record::reports::{
    SkipReason,
    runs::{self, Loss},
};

use super::post::{Addressee, POLICY, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Writes the letter to everybody whom it concerns, or, once that is promised, to one of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportUndeliveredLetter {
    /// Whose report it is.
    pub tenant: TenantId,
    /// The run that was not sent.
    pub run: Id<id::ReportRun>,
    /// One reader; none for all of them.
    pub reader: Option<Id<id::User>>,
}

impl Job for ReportUndeliveredLetter {
    const NAME: &'static str = "mail/report_undelivered";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let (loss, people) = match load(&self, ctx).await {
            Ok(Some(found)) => found,
            Ok(None) => return Outcome::Done,
            Err(error) => return error.into(),
        };
        let Some(reader) = self.reader else {
            return match promise_each(&self, ctx, &people).await {
                Ok(()) => Outcome::Done,
                Err(error) => error.into(),
            };
        };
        let Some(reader) = people.iter().find(|one| one.id == reader) else { return Outcome::Done };
        let words = ReportUndelivered {
            recipient_name: reader.name.clone(),
            institution_name: loss.institution_name,
            report_name: loss.report_name,
            who: loss.who,
            reason: loss.trouble.map_or("left", SkipReason::as_str),
            report_url: format!("{}/api/reports/{}", ctx.tools.post_room.base_url(), loss.report_id),
        };
        post(ctx, &Addressee::of(self.tenant, reader), &format!("{}:{}", self.run, reader.id), &words).await
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.run, self.reader.map_or_else(String::new, |reader| reader.to_string())))
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, run: Id::from_uuid(HOUSE.uuid()), reader: None }
    }
}

/// The report's own maker, if he is there and it is not himself; else the institution's owners and admins.
async fn load(job: &ReportUndeliveredLetter, ctx: &JobCtx) -> Result<Option<(Loss, Vec<Reader>)>> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let Some(loss) = runs::loss(&mut tx, job.run).await? else { return Ok(None) };
    let owner = match loss.owner.filter(|owner| Some(*owner) != loss.user_id) {
        Some(owner) => reader(&mut tx, owner).await?,
        None => None,
    };
    let mut people = match owner {
        Some(owner) => vec![owner],
        None => readers(&mut tx, &[Role::Owner, Role::Admin]).await?,
    };
    people.retain(|one| Some(one.id) != loss.user_id);
    Ok(Some((loss, people)))
}

async fn promise_each(job: &ReportUndeliveredLetter, ctx: &JobCtx, people: &[Reader]) -> Result<()> {
    let each = |reader| ReportUndeliveredLetter { reader: Some(reader), ..job.clone() };
    let jobs = people.iter().map(|reader| NewJob::of(job.tenant, &each(reader.id)));
    let mut tx = ctx.tools.db.house().await?;
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Mail);
    Ok(())
}
