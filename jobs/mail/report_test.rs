//! Sends a report to whoever wants to see it first: about the latest closed period, marked as a test.
//!
//! Idempotent: each test has a name of its own, and its letter has one occasion. It counts as no run.

use serde::{Deserialize, Serialize};
use stoa_actors::mailer::Enclosure;
use stoa_core::{Id, Result, Scope, TenantId, id};
use stoa_protocols::render::mail::ReportFile;
use stoa_record::reports::{CsvForm, runs};

use super::{
    post::{Extras, POLICY, post_with},
    report_extras::addressee,
};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::HOUSE,
    reports::{Form, digest},
};

/// Writes a letter to be looked at, to the member who asks for it. It counts as no run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportTestLetter {
    /// Whose report it is.
    pub tenant: TenantId,
    /// The report.
    pub report: Id<id::Report>,
    /// Who asks.
    pub reader: Id<id::User>,
    /// Tells one test from the next.
    pub test: Id<id::ReportRun>,
}

impl Job for ReportTestLetter {
    const NAME: &'static str = "mail/report_test";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match write_test(&self, ctx).await {
            Ok(outcome) => outcome,
            Err(error) => error.into(),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.test.to_string())
    }

    fn sample() -> Self {
        let of = HOUSE.uuid();
        Self { tenant: HOUSE, report: Id::from_uuid(of), reader: Id::from_uuid(of), test: Id::from_uuid(of) }
    }
}

async fn write_test(job: &ReportTestLetter, ctx: &JobCtx) -> Result<Outcome> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let bulletin = runs::sample(&mut tx, job.report, job.reader).await?;
    drop(tx);
    let (name, base_url) = (job.test.to_string(), ctx.tools.post_room.base_url().to_owned());
    let form = Form::Letter { name: &name, base_url: &base_url, is_test: true };
    let mut digest = digest(&ctx.tools.db, job.tenant, &bulletin, form).await?;
    let mut enclosures = std::mem::take(&mut digest.pictures);
    if bulletin.report.csv != CsvForm::None {
        digest.words.file = ReportFile::Attached;
        let (name, bytes) = (digest.file_name(), digest.csv(&ctx.tools.mail.renderer)?);
        enclosures.push(Enclosure { shown_as: None, name, media: "text/csv; charset=utf-8", bytes });
    }
    let extras = Extras { enclosures, unsubscribe: None };
    let to = addressee(job.tenant, &bulletin, &digest);
    Ok(post_with(ctx, &to, &format!("test:{}", job.test), (&digest.words, extras)).await)
}
