//! Asks an address, or somebody who unsubscribed, for a yes before a report is sent there.
//!
//! Idempotent: one letter for each question. A question that was answered, or that a later one replaced, is not sent.

use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, Scope, TenantId, id};
use stoa_protocols::render::{Manner, mail::ReportConfirmation};
use stoa_record::reports::{
    Asked,
    runs::{self, Confirmation},
};

use super::post::{Addressee, Extras, POLICY, post_with};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob, Promising},
    reports::period,
};

/// Writes the letter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportConfirmationLetter {
    /// Whose report it is.
    pub tenant: TenantId,
    /// Who is asked.
    pub recipient: Id<id::ReportRecipient>,
    /// Which of the questions, from 1.
    pub asks: i32,
}

/// Promises the letters of questions, in the transaction that asked them. Wake the queue behind its commit.
///
/// # Errors
/// As the database says.
pub async fn promise_questions(tx: &mut impl Promising, tenant: TenantId, asked: &[Asked]) -> Result<()> {
    let letters = asked.iter().map(|one| ReportConfirmationLetter { tenant, recipient: one.recipient, asks: one.asks });
    let jobs = letters.map(|letter| NewJob::of(tenant, &letter)).collect::<Result<_>>()?;
    queue::enqueue_many(tx, jobs).await?;
    Ok(())
}

impl Job for ReportConfirmationLetter {
    const NAME: &'static str = "mail/report_confirmation";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let question = match load(&self, ctx).await {
            Ok(Some(question)) => question,
            Ok(None) => return Outcome::Done,
            Err(error) => return error.into(),
        };
        let base_url = ctx.tools.post_room.base_url();
        let Confirmation { bulletin, token, until } = question;
        let to = Addressee {
            tenant: self.tenant,
            user: bulletin.user,
            name: bulletin.name.clone(),
            email: bulletin.email.clone(),
            manner: Manner::of(&bulletin.locale, &bulletin.institution_locale, &bulletin.zone),
        };
        let words = ReportConfirmation {
            recipient_name: bulletin.name,
            institution_name: bulletin.institution_name,
            report_name: bulletin.report.name,
            every: period(bulletin.report.every),
            // Behind the #, which a browser keeps to itself.
            confirm_url: format!("{base_url}/confirm-report#token={}", token.expose()),
            until,
        };
        // Whoever never wants to be asked again says so as for the report itself.
        let leave = bulletin.tokens.map(|tokens| format!("{base_url}/unsubscribe/{}", tokens.leave().expose()));
        let extras = Extras { enclosures: Vec::new(), unsubscribe: leave };
        post_with(ctx, &to, &format!("{}:{}", self.recipient, self.asks), (&words, extras)).await
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.recipient, self.asks))
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, recipient: Id::from_uuid(HOUSE.uuid()), asks: 1 }
    }
}

async fn load(job: &ReportConfirmationLetter, ctx: &JobCtx) -> Result<Option<Confirmation>> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let asked = Asked { recipient: job.recipient, asks: job.asks };
    runs::question(&mut tx, &ctx.tools.accounts.sealer, asked).await
}
