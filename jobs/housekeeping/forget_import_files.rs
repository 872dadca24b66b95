//! Forgets files of people after their retention, and sweeps uploads that a crash left behind.
//!
//! Idempotent: what is gone is gone.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Result, imports::files};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Deletes the bytes of old files, and whole uploads that never came to their end; a transaction for each.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetImportFiles {}

impl Job for ForgetImportFiles {
    const NAME: &'static str = "housekeeping/forget_import_files";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(10), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match forget(ctx).await {
            Ok((files, uploads)) => {
                tracing::info!(files, uploads, "forgot files of people, and uploads that broke off");
                Outcome::Done
            }
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

async fn forget(ctx: &JobCtx) -> Result<(usize, usize)> {
    let (mut forgotten, mut swept) = (0, 0);
    loop {
        let mut tx = ctx.tools.db.house().await?;
        let file = files::forget_one(&mut tx, ctx.tools.retention.import_files_days).await?;
        let upload = files::sweep_one(&mut tx).await?;
        tx.commit().await?;
        forgotten += usize::from(file);
        swept += usize::from(upload);
        if !file && !upload {
            return Ok((forgotten, swept));
        }
    }
}
