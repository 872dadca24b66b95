//! Writes everything of an institution into an export, for whoever takes it elsewhere.
//!
//! The house's own work, so that it goes on while the institution is suspended. Idempotent: an export that was broken off
//! goes when the next one is whole.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Result, TenantId, institutions::closing::export};

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
    queue::{HOUSE, NewJob},
};

/// Exports an institution.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExportInstitution {
    /// Which one.
    pub institution: TenantId,
}

impl ExportInstitution {
    /// Promises it.
    ///
    /// # Errors
    /// `internal` when the promise cannot be written.
    pub fn of(institution: TenantId) -> Result<NewJob> {
        NewJob::of(HOUSE, &Self { institution })
    }
}

impl Job for ExportInstitution {
    const NAME: &'static str = "institutions/export";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 10, timeout: Duration::from_hours(6), backoff: Backoff::doubling(10_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match export::write(&ctx.tools.db, self.institution).await {
            Ok(export) => {
                tracing::info!(tenant.id = %self.institution, export.id = %export, "an institution was exported");
                Outcome::Done
            }
            Err(error) => Outcome::Again(error.to_string()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.institution.to_string())
    }

    fn sample() -> Self {
        Self { institution: HOUSE }
    }
}
