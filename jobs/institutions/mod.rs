//! What an institution's life asks of the jobs: going on after a suspension, exporting and erasing it at its end, and
//! forgetting what it does not want kept.
//!
//! Not here: the life itself (`stoa_core::institutions::lifecycle`), and who lets its jobs wait (`queue::claim`).

mod erase;
mod export;
mod forget_own;

pub use erase::{EraseDue, EraseInstitution};
pub use export::ExportInstitution;
pub use forget_own::ForgetOwn;
use stoa_core::{Result, db::TenantTx};
use stoa_webhooks as webhooks;

use crate::{
    job::Queue,
    queue::{self, NewJob},
    webhooks::ResumeWebhook,
};

/// Promises that every receiver of a resumed institution is sent what waited, in the transaction that resumes it. Its
/// jobs wait for nothing more than the claim that finds them. Answers the queues to be woken after the commit.
///
/// # Errors
/// As the database says.
pub async fn wake_up(tx: &mut TenantTx) -> Result<&'static [Queue]> {
    let tenant = tx.tenant();
    let receivers = webhooks::enabled_webhooks(tx).await?;
    let promises =
        receivers.into_iter().map(|webhook| NewJob::of(tenant, &ResumeWebhook { tenant, webhook, after: None }));
    let promises: Vec<NewJob> = promises.collect::<Result<_>>()?;
    queue::enqueue_many(tx, promises).await?;
    Ok(Queue::ALL)
}
