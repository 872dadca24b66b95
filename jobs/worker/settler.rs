//! Writes outcomes down in batches, and keeps trying while the database is away.
//!
//! A job stays in its slot and in hand until its outcome is written: while nothing can be settled nothing more is
//! claimed, and no other node takes a finished job for a lost one.

use std::time::Duration;

use stoa_core::{Code, Result};
use tokio::sync::mpsc;

use super::slots::Slot;
use crate::{
    context::JobTools,
    queue::{Settlement, settle},
};

/// Most outcomes of one transaction.
const BATCH: usize = 500;
/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Tries of a batch that the database refuses, before its jobs are settled one by one.
const TRIES: u32 = 3;

/// A job that has run, and its slot.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) settlement: Settlement,
    pub(super) slot: Slot,
}

/// Settles until nobody finishes jobs any more.
pub(super) async fn settle_all(tools: JobTools, mut inbox: mpsc::Receiver<Finished>) {
    let mut finished = Vec::new();
    while inbox.recv_many(&mut finished, BATCH).await > 0 {
        let (settlements, slots): (Vec<_>, Vec<_>) = finished.drain(..).map(|job| (job.settlement, job.slot)).unzip();
        settle_batch(&tools, &settlements).await;
        drop((settlements, slots));
    }
}

async fn settle_batch(tools: &JobTools, batch: &[Settlement]) {
    let mut pause = Duration::from_millis(50);
    let mut refusals = 0;
    while let Err(error) = write(tools, batch).await {
        tracing::warn!(%error, jobs = batch.len(), "outcomes could not be written; they are tried again");
        if error.code() != Code::UpstreamUnavailable {
            refusals += 1;
        }
        if refusals >= TRIES {
            return settle_singly(tools, batch).await;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// One outcome that the database will not take must not hold up the others: its lease runs out, and it runs again.
async fn settle_singly(tools: &JobTools, batch: &[Settlement]) {
    for settlement in batch {
        if let Err(error) = write(tools, std::slice::from_ref(settlement)).await {
            let job = settlement.lease.key().id;
            tracing::error!(%error, job.id = %job, "an outcome could not be written; the job will run again");
        }
    }
}

async fn write(tools: &JobTools, batch: &[Settlement]) -> Result<()> {
    let mut tx = tools.db.house().await?;
    settle(&mut tx, batch).await?;
    tx.commit().await
}
