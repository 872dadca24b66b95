//! Lets the copies of the library's courses follow their sources: what was published anew since, and what went.
//!
//! Idempotent: a copy that has followed is behind no more.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::Result;
use stoa_record::library;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Brings the copies of shared courses up to their sources.
#[derive(Debug, Serialize, Deserialize)]
pub struct FollowSources {}

impl Job for FollowSources {
    const NAME: &'static str = "library/follow_sources";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 3, timeout: Duration::from_hours(1), backoff: Backoff::doubling(10_000, 60_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match follow(ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self {}
    }
}

/// Look by look until none is behind. One copy that fails waits for the next slot and keeps no other from following.
async fn follow(ctx: &JobCtx) -> Result<()> {
    let db = &ctx.tools.db;
    loop {
        let mut house = db.house().await?;
        let behind = library::behind(&mut house).await?;
        house.commit().await?;
        let mut followed = 0;
        for share in behind {
            match library::follow(db, share).await {
                Ok(()) => followed += 1,
                Err(error) => {
                    tracing::error!(tenant.id = %share.tenant_id, course = %share.source_id, %error,
                        "a copy of a shared course does not follow its source");
                }
            }
        }
        if followed == 0 {
            return Ok(());
        }
    }
}
