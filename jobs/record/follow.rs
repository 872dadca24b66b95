//! The task that lets followers go on: a look at all institutions, then a step in each that has something new, until
//! nothing has.
//!
//! Every node does it. Two never make a step of one follower in one institution at once, and a large institution has no
//! more of a round than a small one. What cannot be taken is tried again after a rest, while all others go on.
//!
//! # Metrics
//! `stoa_following_lag_seconds{follower}`: how long the oldest activity waits that was not taken, 0 if none does;
//! `stoa_following_taken_total{follower}`: rows taken; `stoa_following_failures_total{follower}`: steps that failed.

use std::{collections::HashMap, time::Duration};

use futures::StreamExt;
use metrics::{counter, gauge};
use stoa_core::{Result, TenantId};
use stoa_record::following::{self, Due, Followed, Step};
use tokio::{sync::watch, time::Instant};

use super::followers;
use crate::{context::JobTools, relay::told};

/// From one look at all institutions to the next.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Steps at once on a node: enough to go on beside a slow one, few enough to leave connections to requests.
const STEPS_AT_ONCE: usize = 2;
/// How long an institution rests after a step that failed.
const REST: Duration = Duration::from_secs(30);

/// Follows until told to stop. A step under way is then rolled back, and made by whoever comes next.
pub async fn run(tools: JobTools, mut stop: watch::Receiver<bool>) {
    let followers = followers();
    futures::future::select(std::pin::pin!(told(&mut stop)), std::pin::pin!(keep_on(&tools, &followers))).await;
}

async fn keep_on(tools: &JobTools, followers: &[Followed]) {
    let mut resting: Vec<HashMap<TenantId, Instant>> = vec![HashMap::new(); followers.len()];
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match due(tools, followers).await {
            Ok(due) => {
                let rounds = followers.iter().zip(due).zip(&mut resting);
                let rounds = rounds.map(|((followed, due), resting)| round(tools, followed, due, resting));
                futures::future::join_all(rounds).await;
            }
            Err(error) => tracing::warn!(%error, "what is new to those who follow could not be looked for"),
        }
    }
}

/// Looks where something is new to each follower, and shows how long the oldest of it has waited.
async fn due(tools: &JobTools, followers: &[Followed]) -> Result<Vec<Vec<Due>>> {
    let mut house = tools.db.house().await?;
    let due = following::due(&mut house, followers).await?;
    house.commit().await?;
    for (followed, due) in followers.iter().zip(&due) {
        let oldest = due.iter().map(|due| due.since).min();
        let lag = oldest.map_or(Duration::ZERO, |since| (tools.now() - since).to_std().unwrap_or_default());
        gauge!("stoa_following_lag_seconds", "follower" => followed.name()).set(lag.as_secs_f64());
    }
    Ok(due)
}

/// What one follower does of a look: whoever rests is left alone.
async fn round(tools: &JobTools, followed: &Followed, due: Vec<Due>, resting: &mut HashMap<TenantId, Instant>) {
    resting.retain(|_, until| *until > Instant::now());
    let due = due.into_iter().map(|due| due.tenant).filter(|tenant| !resting.contains_key(tenant)).collect();
    let failed = work_off(tools, followed, due).await;
    resting.extend(failed.into_iter().map(|tenant| (tenant, Instant::now() + REST)));
}

/// Makes a step in each institution, and again in those that have more, for as long as a look is fresh. Answers those in which one failed.
async fn work_off(tools: &JobTools, followed: &Followed, mut due: Vec<TenantId>) -> Vec<TenantId> {
    let mut failed = Vec::new();
    // Whoever has very much to take must not keep others from being looked at.
    let until = Instant::now() + LOOK_EVERY;
    while !due.is_empty() && Instant::now() < until {
        let steps = due.into_iter().map(|tenant| async move { (tenant, followed.step(&tools.db, tenant).await) });
        let made: Vec<_> = futures::stream::iter(steps).buffer_unordered(STEPS_AT_ONCE).collect().await;
        due = Vec::new();
        for (tenant, step) in made {
            match step {
                Ok(Step::Made(taken)) => {
                    let rows = u64::try_from(taken.rows).unwrap_or_default();
                    counter!("stoa_following_taken_total", "follower" => followed.name()).increment(rows);
                    due.extend(taken.has_more.then_some(tenant));
                }
                Ok(Step::Busy) => {}
                Err(error) => {
                    counter!("stoa_following_failures_total", "follower" => followed.name()).increment(1);
                    tracing::warn!(%error, cause = ?error, tenant.id = %tenant, follower = followed.name(),
                        "a step failed; it is made again after a rest");
                    failed.push(tenant);
                }
            }
        }
    }
    failed
}

/// Lets every follower go on until nothing is new, now, and answers how many rows were taken: for tests and the command
/// line.
///
/// # Errors
/// As a follower or the database says.
pub async fn catch_up(tools: &JobTools) -> Result<usize> {
    let mut rows = 0;
    for followed in followers() {
        loop {
            let taken = all_steps(tools, &followed).await?;
            if taken == 0 {
                break;
            }
            rows += taken;
        }
    }
    Ok(rows)
}

/// The steps of a follower in every institution that has something new to it.
async fn all_steps(tools: &JobTools, followed: &Followed) -> Result<usize> {
    let mut rows = 0;
    for Due { tenant, .. } in due(tools, std::slice::from_ref(followed)).await?.into_iter().flatten() {
        while let Step::Made(step) = followed.step(&tools.db, tenant).await? {
            rows += step.rows;
            if !step.has_more {
                break;
            }
        }
    }
    Ok(rows)
}
