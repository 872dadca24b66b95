//! The calendar: what the house does by the clock.
//!
//! Two kinds of entry. A *chore* is a function that every node runs by itself: short, harmless when two nodes do
//! it at once, needed even when the queue stands still. A *job* is promised once per slot, whatever the number of
//! nodes: each node promises the coming slot under the same unique key, and one promise remains.
//!
//! Entries of one period are spread over it by their names, so that the full hour is a moment like any other.
//!
//! Not here: what they do (`housekeeping` and the areas).

use std::{fmt, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::{FutureExt, future::BoxFuture};
use stoa_core::Result;
use tokio::sync::watch;

use crate::{
    context::JobTools,
    exports::SweepExports,
    housekeeping::{
        self, ExpireSubscriptionRequests, ForgetAudit, ForgetImportFiles, ForgetOld, KeepPartitions,
        TellOfExpiringTokens,
    },
    imports::WatchImports,
    institutions::{EraseDue, ForgetOwn},
    library::FollowSources,
    privacy::{self, EraseDuePeople},
    queue::{self, HOUSE, NewJob},
    record::{
        WatchRollups,
        gamification::{CloseBoards, RollOver},
    },
    reports::{BeginReports, ForgetReports},
    webhooks::{self, WatchHealth},
};

/// What an entry does.
#[derive(Clone, Copy)]
pub enum Work {
    /// Runs on every node.
    Chore(fn(JobTools) -> BoxFuture<'static, Result<()>>),
    /// Is promised once for all nodes.
    Job(fn() -> Result<NewJob>),
}

/// A line of the calendar.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Name, which also spreads it.
    pub name: &'static str,
    /// From one slot to the next.
    pub every: TimeDelta,
    /// What is done.
    pub work: Work,
}

/// The house's calendar.
pub fn house() -> Vec<Entry> {
    vec![
        chore("housekeeping/release_stale", TimeDelta::seconds(5), |tools| housekeeping::release_stale(tools).boxed()),
        chore("housekeeping/watch_queues", TimeDelta::seconds(10), |tools| housekeeping::watch_queues(tools).boxed()),
        chore("privacy/watch_erasures", TimeDelta::minutes(1), |tools| privacy::watch_erasures(tools).boxed()),
        chore("webhooks/free_stranded", TimeDelta::minutes(1), |tools| webhooks::free_stranded(tools).boxed()),
        chore("housekeeping/watch_partitions", TimeDelta::minutes(5), |tools| {
            housekeeping::watch_partitions(tools).boxed()
        }),
        job("webhooks/watch_health", TimeDelta::minutes(5), || NewJob::of(HOUSE, &WatchHealth {})),
        job("housekeeping/forget_old", TimeDelta::days(1), || NewJob::of(HOUSE, &ForgetOld {})),
        job("institutions/forget_own", TimeDelta::days(1), || NewJob::of(HOUSE, &ForgetOwn {})),
        job("privacy/erase_due", TimeDelta::minutes(10), || NewJob::of(HOUSE, &EraseDuePeople {})),
        job("institutions/erase_due", TimeDelta::minutes(10), || NewJob::of(HOUSE, &EraseDue {})),
        job("housekeeping/forget_audit", TimeDelta::days(1), || NewJob::of(HOUSE, &ForgetAudit {})),
        job("housekeeping/forget_import_files", TimeDelta::hours(1), || NewJob::of(HOUSE, &ForgetImportFiles {})),
        // By the hour, so that the letter of the last day comes while most of that day is left.
        job("housekeeping/tell_of_expiring_tokens", TimeDelta::hours(1), || {
            NewJob::of(HOUSE, &TellOfExpiringTokens {})
        }),
        job("housekeeping/keep_partitions", TimeDelta::hours(6), || NewJob::of(HOUSE, &KeepPartitions {})),
        job("housekeeping/expire_subscription_requests", TimeDelta::hours(1), || {
            NewJob::of(HOUSE, &ExpireSubscriptionRequests {})
        }),
        job("exports/sweep", TimeDelta::minutes(5), || NewJob::of(HOUSE, &SweepExports {})),
        job("imports/watch", TimeDelta::minutes(5), || NewJob::of(HOUSE, &WatchImports {})),
        job("library/follow_sources", TimeDelta::minutes(1), || NewJob::of(HOUSE, &FollowSources {})),
        job("reports/begin", TimeDelta::minutes(1), || NewJob::of(HOUSE, &BeginReports {})),
        job("reports/forget", TimeDelta::hours(1), || NewJob::of(HOUSE, &ForgetReports {})),
        // Clocks are whole quarters of an hour apart, so a date ends for somebody every quarter.
        job("gamification/roll_over", TimeDelta::minutes(5), || NewJob::of(HOUSE, &RollOver {})),
        job("gamification/close_boards", TimeDelta::minutes(15), || NewJob::of(HOUSE, &CloseBoards {})),
        job("record/watch_rollups", TimeDelta::minutes(1), || NewJob::of(HOUSE, &WatchRollups {})),
    ]
}

/// A line that every node runs by itself.
pub const fn chore(
    name: &'static str,
    every: TimeDelta,
    work: fn(JobTools) -> BoxFuture<'static, Result<()>>,
) -> Entry {
    Entry { name, every, work: Work::Chore(work) }
}

/// A line that is promised once for all nodes.
pub const fn job(name: &'static str, every: TimeDelta, work: fn() -> Result<NewJob>) -> Entry {
    Entry { name, every, work: Work::Job(work) }
}

impl Entry {
    /// The first slot after a time.
    pub fn slot_after(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let every = self.every.num_milliseconds().max(1);
        let offset = spread(self.name).rem_euclid(every);
        let slots = (now.timestamp_millis() - offset).div_euclid(every) + 1;
        DateTime::from_timestamp_millis(slots * every + offset).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Does what is due at a time: the chore, or the promise of the coming slot.
    ///
    /// # Errors
    /// As the work says.
    pub async fn turn(&self, tools: &JobTools) -> Result<()> {
        match self.work {
            Work::Chore(work) => work(tools.clone()).await,
            Work::Job(make) => {
                let slot = self.slot_after(tools.now());
                let key = slot.to_rfc3339_opts(SecondsFormat::Millis, true);
                let mut tx = tools.db.house().await?;
                queue::enqueue(&mut tx, make()?.at(slot).keyed(key)).await?;
                tx.commit().await
            }
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("every", &self.every).finish_non_exhaustive()
    }
}

/// Keeps a calendar until told to stop; a slow or failing entry holds up no other.
pub async fn keep(tools: JobTools, calendar: Vec<Entry>, stop: watch::Receiver<bool>) {
    let entries = calendar.into_iter().map(|entry| keep_entry(tools.clone(), entry, stop.clone()));
    futures::future::join_all(entries).await;
}

async fn keep_entry(tools: JobTools, entry: Entry, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = entry.turn(&tools).await {
            tracing::warn!(%error, "{} failed; it is tried again at its next slot", entry.name);
        }
        let now = tools.now();
        // At least a moment, so that a clock that jumps back and forth is no busy loop.
        let wait = (entry.slot_after(now) - now).to_std().unwrap_or_default().max(Duration::from_millis(100));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// A number that depends on the name alone (FNV-1a), the same on every node.
fn spread(name: &str) -> i64 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i64::from(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_the_same_on_every_node_and_one_period_apart() {
        for entry in house() {
            let first = entry.slot_after(DateTime::UNIX_EPOCH);
            assert!(first > DateTime::UNIX_EPOCH && first <= DateTime::UNIX_EPOCH + entry.every, "{entry:?}");
            assert_eq!(entry.slot_after(first), first + entry.every, "{entry:?}");
            assert_eq!(entry.slot_after(first - TimeDelta::milliseconds(1)), first, "{entry:?}");
        }
    }

    #[test]
    fn entries_of_one_period_are_spread() {
        let hourly = |name| chore(name, TimeDelta::hours(1), |_| async { Ok(()) }.boxed());
        let slots: Vec<_> =
            ["a/one", "a/two", "a/three"].map(|name| hourly(name).slot_after(DateTime::UNIX_EPOCH)).into();
        assert!(slots.windows(2).all(|pair| pair[0] != pair[1]), "{slots:?}");
    }
}
