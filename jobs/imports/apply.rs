//! Applying: chunk after chunk of the plan, until it ends, is cancelled, or the others have their turn.

use stoa_core::{
    Id, Result,
    db::TenantTx,
    id,
    imports::{self, Import, ImportStatus, Turn, apply as chunks},
    members::invitations::{Inviting, invite_all},
};

use super::run::Run;
use crate::{job::Queue, mail::promise_invitations};

/// Applies for a while.
pub(super) async fn apply(run: &Run<'_>) -> Result<()> {
    loop {
        if run.is_over() {
            return Ok(());
        }
        let mut tx = run.ctx.tools.db.tenant(&run.scope()).await?;
        let Turn::Yours(import) = imports::take_turn(&mut tx, run.job.import).await? else { return Ok(()) };
        if import.status != ImportStatus::Applying {
            return Ok(());
        }
        let applied = chunks::apply(&mut tx, &run.scope(), &import, chunks::CHUNK).await?;
        invite(run, &mut tx, (&import, &applied.invited)).await?;
        if let Some(ended) = &applied.ended {
            run.promise_letter(&mut tx, ended).await?;
            tx.commit().await?;
            return Ok(());
        }
        tx.commit_in_background().await?;
        if !applied.invited.is_empty() {
            run.ctx.tools.wakes.wake(Queue::Mail);
        }
        run.tell(import.rows_done.saturating_add(applied.rows), import.rows_total).await;
    }
}

/// Promises the letters to those who are asked to join, with the chunk that makes them members.
async fn invite(run: &Run<'_>, tx: &mut TenantTx, (import, people): (&Import, &[Id<id::User>])) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let accounts = &run.ctx.tools.accounts;
    let by = import.sent_by_person();
    let inviting = Inviting { sealer: &accounts.sealer, rules: accounts.rules.invitations, by };
    let sent = invite_all(tx, inviting, people).await?;
    promise_invitations(tx, run.job.tenant, &sent).await
}
