//! Tells whoever sent a file of people what became of it.
//!
//! Idempotent: the letter has one occasion, the import and how it stands.

use serde::{Deserialize, Serialize};
use stoa_core::{
    Id, Result, Scope, TenantId, id,
    imports::{self, Import, ImportStatus},
    letters::{Reader, reader},
};
use stoa_protocols::render::mail::{ImportFinished, ImportOutcome};

use super::post::{Addressee, POLICY, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::HOUSE,
};

/// Writes the letter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportFinishedLetter {
    /// Whose import it is.
    pub tenant: TenantId,
    /// The import.
    pub import: Id<id::Import>,
}

impl Job for ImportFinishedLetter {
    const NAME: &'static str = "mail/import_finished";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match load(&self, ctx).await {
            Ok(Some((import, reader, institution_name))) => {
                let outcome = outcome(import.status);
                let occasion = format!("{}:{}", import.id, import.status);
                let import_url = format!(
                    "{}/api/institutions/{}/imports/{}",
                    ctx.tools.post_room.base_url(),
                    self.tenant,
                    self.import
                );
                let words = words(&import, outcome, (reader.name.clone(), institution_name, import_url));
                post(ctx, &Addressee::of(self.tenant, &reader), &occasion, &words).await
            }
            Ok(None) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.import.to_string())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, import: Id::from_uuid(HOUSE.uuid()) }
    }
}

/// Nothing for an import that goes on again, or whose sender has left.
async fn load(job: &ImportFinishedLetter, ctx: &JobCtx) -> Result<Option<(Import, Reader, String)>> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let import = imports::get(&mut tx, job.import).await?;
    let Some(person) = import.sent_by_person() else { return Ok(None) };
    if matches!(import.status, ImportStatus::Validating | ImportStatus::Applying) {
        return Ok(None);
    }
    let Some(reader) = reader(&mut tx, person).await? else { return Ok(None) };
    let institution = stoa_core::institutions::own(&mut tx, &job.tenant.into()).await?;
    Ok(Some((import, reader, institution.name)))
}

const fn outcome(status: ImportStatus) -> ImportOutcome {
    match status {
        ImportStatus::Planned => ImportOutcome::Planned,
        ImportStatus::Completed => ImportOutcome::Completed,
        ImportStatus::CompletedWithErrors => ImportOutcome::CompletedWithErrors,
        ImportStatus::Failed
        | ImportStatus::Cancelled
        | ImportStatus::Stale
        | ImportStatus::Validating
        | ImportStatus::Applying => ImportOutcome::Failed,
    }
}

fn words(
    import: &Import,
    outcome: ImportOutcome,
    (recipient_name, institution_name, import_url): (String, String, String),
) -> ImportFinished {
    let counts =
        if import.was_begun() || outcome == ImportOutcome::Failed { import.applied() } else { import.planned() };
    let refused = if import.was_begun() { import.planned().invalid + counts.failed } else { import.planned().invalid };
    ImportFinished {
        recipient_name,
        institution_name,
        outcome,
        file_name: import.file_name.clone(),
        reason: import.obstacle().map(|obstacle| obstacle.code),
        created: counts.create,
        updated: counts.update,
        unchanged: counts.unchanged,
        deactivated: counts.deactivate,
        skipped: counts.skipped,
        refused,
        import_url,
    }
}
