//! What this process has in hand, and how other processes can tell.
//!
//! A running job's row names its process and until when that process is believed. Whoever holds the [`Lease`]
//! holds the job; while it is held, [`keep_leases`] extends the row's time. Dropped in any way (settled, a crash,
//! a task that was cancelled, a claim whose commit was never heard of), the row's time runs out, and
//! [`release_stale`] on any node gives the job back.
//!
//! # Rule
//! Only what is really held is extended, never "all rows of this process": a row that nobody holds would
//! otherwise be kept from everybody for as long as the process lives.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{Db, HouseTx, failed, sql},
};
use tokio::sync::watch;

use super::{JobKey, ProcessId};

/// The promises that this process has in hand. Cheap to clone.
#[derive(Clone)]
pub struct Leases(Arc<Inner>);

struct Inner {
    process: ProcessId,
    length: TimeDelta,
    held: Mutex<HashMap<JobKey, Held>>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    attempt: i32,
    until: DateTime<Utc>,
}

/// The right to run one attempt of a job, kept alive until dropped.
pub struct Lease {
    leases: Leases,
    key: JobKey,
    attempt: i32,
}

impl Leases {
    /// Starts with empty hands.
    ///
    /// # Shape
    /// `length` is how long a job stays with a process that fell silent; extended every third of it.
    pub fn new(process: ProcessId, length: TimeDelta) -> Self {
        Self(Arc::new(Inner { process, length, held: Mutex::default() }))
    }

    /// The process.
    pub fn process(&self) -> ProcessId {
        self.0.process
    }

    /// Jobs in hand.
    pub fn count(&self) -> usize {
        self.held().len()
    }

    /// Until when a lease taken or extended now is believed.
    pub(crate) fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.0.length
    }

    /// Takes a job in hand whose row says so.
    pub(crate) fn hold(&self, key: JobKey, attempt: i32, now: DateTime<Utc>) -> Lease {
        self.held().insert(key, Held { attempt, until: self.until(now) });
        Lease { leases: self.clone(), key, attempt }
    }

    /// Those in hand whose time will be up before the next look.
    fn ageing(&self, now: DateTime<Utc>) -> Vec<(JobKey, i32)> {
        let horizon = now + self.0.length * 2 / 3;
        let held = self.held();
        held.iter().filter(|(_, held)| held.until <= horizon).map(|(key, held)| (*key, held.attempt)).collect()
    }

    fn extended(&self, keys: &[(JobKey, i32)], until: DateTime<Utc>) {
        let mut all = self.held();
        for (key, attempt) in keys {
            if let Some(held) = all.get_mut(key).filter(|held| held.attempt == *attempt) {
                held.until = until;
            }
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<JobKey, Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases").field("process", &self.0.process).field("count", &self.count()).finish_non_exhaustive()
    }
}

impl Lease {
    /// The job.
    pub fn key(&self) -> JobKey {
        self.key
    }

    /// The attempt that it is the right to, from 1.
    pub fn attempt(&self) -> i32 {
        self.attempt
    }

    /// The process that holds it.
    pub fn process(&self) -> ProcessId {
        self.leases.process()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut held = self.leases.held();
        // The job may have come back to this process after its time ran out; then a later attempt is held.
        if held.get(&self.key).is_some_and(|held| held.attempt == self.attempt) {
            held.remove(&self.key);
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("key", &self.key).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

const EXTEND: &str = "UPDATE queue_jobs j SET lease_until = $5
FROM unnest($1, $2, $3) AS held(tenant_id, id, attempts)
WHERE j.tenant_id = held.tenant_id AND j.id = held.id AND j.attempts = held.attempts
  AND j.state = 'running' AND j.locked_by = $4";

/// Extends what is in hand and nearing its end; answers how many.
///
/// # Errors
/// As the database says; nothing is lost while the next call succeeds in time.
pub async fn extend_leases(db: &Db, leases: &Leases) -> Result<usize> {
    let now = db.clock().now();
    let ageing = leases.ageing(now);
    if ageing.is_empty() {
        return Ok(0);
    }
    let mut tx = db.house().await?;
    let until = leases.until(now);
    let extended = sql(EXTEND)
        .bind::<Array<SqlUuid>, _>(ageing.iter().map(|(key, _)| key.tenant).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(ageing.iter().map(|(key, _)| key.id).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(ageing.iter().map(|(_, attempt)| *attempt).collect::<Vec<_>>())
        .bind::<SqlUuid, _>(leases.process().0)
        .bind::<Timestamptz, _>(until)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    tx.commit().await?;
    leases.extended(&ageing, until);
    Ok(extended)
}

/// Extends what is in hand, three times in a lease's length, until told to stop and nothing is in hand any more.
pub async fn keep_leases(db: Db, leases: Leases, mut stop: watch::Receiver<bool>) {
    let third = leases.0.length.to_std().unwrap_or(Duration::from_secs(30)) / 3;
    let mut stopping = false;
    while !stopping || leases.count() > 0 {
        let pause = match extend_leases(&db, &leases).await {
            // Jobs still in hand at the stop are kept alive until they are settled or given back.
            Ok(_) if stopping => Duration::from_millis(50),
            Ok(_) => third,
            Err(error) => {
                tracing::warn!(%error, "the leases could not be extended");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop), if !stopping => stopping = true,
        }
    }
}

/// Longest list of stale leases given back in one transaction.
const STALE_BATCH: i64 = 500;

const RELEASE_STALE: &str = "WITH stale AS (
  SELECT tenant_id, id FROM queue_jobs
  WHERE state = 'running' AND lease_until < $1
  ORDER BY lease_until LIMIT $2 FOR UPDATE SKIP LOCKED
), ranked AS (
  SELECT j.tenant_id, j.id, j.unique_key IS NOT NULL AND (
      row_number() OVER (PARTITION BY j.tenant_id, j.name, j.unique_key ORDER BY j.id) > 1
      OR EXISTS (SELECT FROM queue_jobs twin WHERE twin.tenant_id = j.tenant_id AND twin.name = j.name
                 AND twin.unique_key = j.unique_key AND twin.state = 'available')) AS superseded
  FROM stale JOIN queue_jobs j USING (tenant_id, id)
), gone AS (
  DELETE FROM queue_jobs j USING ranked r
  WHERE j.tenant_id = r.tenant_id AND j.id = r.id AND r.superseded
)
UPDATE queue_jobs j SET state = 'available', run_at = $1, locked_by = NULL, lease_until = NULL,
  last_error = format('the lease of attempt %s ran out: its process was lost', j.attempts)
FROM ranked r WHERE j.tenant_id = r.tenant_id AND j.id = r.id AND NOT r.superseded
RETURNING j.queue";

/// Gives back jobs whose process fell silent; answers how many of each queue, at most some hundred at a time.
///
/// Their attempt has counted, so a job that kills its process runs out of attempts like any other.
///
/// # Errors
/// As the database says.
pub async fn release_stale(tx: &mut HouseTx) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        queue: String,
    }
    let now = tx.now();
    let rows: Vec<Row> = sql(RELEASE_STALE)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(STALE_BATCH)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.queue).collect())
}

#[cfg(test)]
mod tests {
    use stoa_core::Id;
    use uuid::Uuid;

    use super::*;

    fn key(n: u128) -> JobKey {
        JobKey { tenant: super::super::HOUSE, id: Id::from_uuid(Uuid::from_u128(n)) }
    }

    #[test]
    fn what_is_dropped_is_no_longer_extended() {
        let leases = Leases::new(ProcessId(Uuid::from_u128(9)), TimeDelta::seconds(30));
        let start = DateTime::UNIX_EPOCH;
        let lease = leases.hold(key(1), 1, start);
        assert_eq!(leases.ageing(start), [], "a fresh lease needs nothing");
        assert_eq!(leases.ageing(start + TimeDelta::seconds(10)), [(key(1), 1)]);
        leases.extended(&[(key(1), 1)], start + TimeDelta::seconds(40));
        assert_eq!(leases.ageing(start + TimeDelta::seconds(10)), []);
        drop(lease);
        assert_eq!(leases.count(), 0);
    }

    #[test]
    fn an_earlier_attempt_does_not_let_go_of_a_later_one() {
        let leases = Leases::new(ProcessId(Uuid::from_u128(9)), TimeDelta::seconds(30));
        let first = leases.hold(key(1), 1, DateTime::UNIX_EPOCH);
        let second = leases.hold(key(1), 2, DateTime::UNIX_EPOCH);
        drop(first);
        assert_eq!(leases.count(), 1);
        drop(second);
        assert_eq!(leases.count(), 0);
    }
}
