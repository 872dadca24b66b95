//! Records that tokens stop working soon: a week before, and a day before. The letters follow from the events.
//!
//! Idempotent: what a token was told of is written with the event.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::tokens::tell_of_expiring;

use crate::{
    context::JobCtx,
    job::{Backoff, Job, Outcome, Policy, Queue},
};

/// Tokens of one transaction.
const BATCH: i64 = 200;

/// Looks through the tokens of all institutions.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfExpiringTokens {}

impl Job for TellOfExpiringTokens {
    const NAME: &'static str = "housekeeping/tell_of_expiring_tokens";
    const QUEUE: Queue = Queue::Housekeeping;
    const POLICY: Policy =
        Policy { attempts: 5, timeout: Duration::from_mins(5), backoff: Backoff::doubling(30_000, 600_000) };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let mut told = 0;
        loop {
            match tell_of_expiring(&ctx.tools.db, BATCH).await {
                Ok(0) => break,
                Ok(some) => told += some,
                Err(error) => return error.into(),
            }
        }
        if told > 0 {
            tracing::info!(told, "told of tokens that stop working soon");
        }
        Outcome::Done
    }

    fn sample() -> Self {
        Self {}
    }
}
