//! A net below the order of deliveries: what waits behind nothing is let go.
//!
//! By the rules (`stoa_webhooks`) nothing ever does, but for the moment in which a receiver's order is switched
//! on while a batch of its events is being relayed.

use stoa_core::Result;
use stoa_webhooks as webhooks;

use super::ResumeWebhook;
use crate::{
    context::JobTools,
    job::Queue,
    queue::{self, NewJob},
};

/// Receivers of one look.
const MOST: i64 = 100;

/// Looks for receivers at which something waits behind nothing, and promises that it is let go.
///
/// # Errors
/// As the database says.
pub async fn free_stranded(tools: JobTools) -> Result<()> {
    let mut tx = tools.db.house().await?;
    let stranded = webhooks::stranded(&mut tx, MOST).await?;
    let found = !stranded.is_empty();
    for (tenant, webhook) in stranded {
        tracing::warn!(tenant.id = %tenant, webhook.id = %webhook, "deliveries waited behind nothing and are let go");
        let resume = NewJob::of(tenant, &ResumeWebhook { tenant, webhook, after: None })?;
        queue::enqueue(&mut tx, resume.keyed(format!("stranded {webhook}"))).await?;
    }
    tx.commit().await?;
    if found {
        tools.wakes.wake(Queue::Webhooks);
    }
    Ok(())
}
