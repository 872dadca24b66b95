//! Writing down what came of the jobs in hand: many rows, at most three statements.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, failed, sql},
    id::Job as JobKind,
};

use super::{JobKey, Lease, ProcessId};
use crate::job::{Outcome, Policy};

/// Longest error text kept in a row, in characters.
const ERROR_CHARS: usize = 1_000;

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It leaves: the promise is kept.
    Keep,
    /// It waits for its next attempt.
    Return {
        /// Not before.
        run_at: DateTime<Utc>,
        /// Why it failed, if it did.
        error: Option<String>,
        /// The attempt counts.
        counted: bool,
    },
    /// It stays, for the operator alone.
    Discard(String),
}

impl Verdict {
    /// Reads the outcome of an attempt, counted from 1, under a policy.
    pub fn of(outcome: Outcome, attempt: i32, policy: &Policy, (now, luck): (DateTime<Utc>, i64)) -> Self {
        match outcome {
            Outcome::Done => Self::Keep,
            Outcome::Snooze(pause) => {
                let run_at = now.checked_add_signed(pause.max(TimeDelta::zero())).unwrap_or(now);
                Self::Return { run_at, error: None, counted: false }
            }
            Outcome::Again(why) if attempt < i32::from(policy.attempts) => {
                Self::Return { run_at: now + policy.backoff.pause(attempt, luck), error: Some(why), counted: true }
            }
            Outcome::Again(why) => Self::Discard(format!("no attempt is left: {why}")),
            Outcome::Stop(why) => Self::Discard(why),
        }
    }

    /// The word in the metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Keep => "done",
            Self::Return { counted: true, .. } => "again",
            Self::Return { counted: false, .. } => "snoozed",
            Self::Discard(_) => "discarded",
        }
    }
}

/// A verdict on a job in hand; the lease is given up when this is dropped.
#[derive(Debug)]
pub struct Settlement {
    /// The job, still in hand.
    pub lease: Lease,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// Writes verdicts down. A job whose lease was lost to another attempt in the meantime is left alone.
///
/// All leases must be of one process.
///
/// # Errors
/// As the database says; the whole batch may be settled again.
pub async fn settle(tx: &mut HouseTx, settlements: &[Settlement]) -> Result<()> {
    let Some(first) = settlements.first() else { return Ok(()) };
    let process = first.lease.process();
    let (mut kept, mut returned, mut discarded) = (Keys::default(), Returned::default(), Discarded::default());
    for Settlement { lease, verdict } in settlements {
        match verdict {
            Verdict::Keep => kept.push(lease),
            Verdict::Return { run_at, error, counted } => returned.push(lease, *run_at, error.as_deref(), *counted),
            Verdict::Discard(why) => discarded.push(lease, why),
        }
    }
    keep(tx, process, &kept).await?;
    give_back(tx, process, returned).await?;
    discard(tx, process, discarded).await
}

/// Gives back jobs whose run was broken off by a stop of this process: due at once, the attempt not counted.
///
/// # Errors
/// As the database says; then their leases run out, and the attempt counts.
pub async fn release(tx: &mut HouseTx, process: ProcessId, jobs: &[(JobKey, i32)]) -> Result<()> {
    let now = tx.now();
    let mut returned = Returned::default();
    for (key, attempt) in jobs {
        returned.keys.push_key(*key, *attempt);
        returned.run_ats.push(now);
        returned.errors.push(None);
        returned.counted.push(false);
    }
    give_back(tx, process, returned).await
}

const KEEP: &str = "DELETE FROM queue_jobs j USING unnest($1, $2, $3) AS v(tenant_id, id, attempts)
WHERE j.tenant_id = v.tenant_id AND j.id = v.id AND j.attempts = v.attempts AND j.state = 'running' AND j.locked_by = $4";

async fn keep(tx: &mut HouseTx, process: ProcessId, keys: &Keys) -> Result<()> {
    if keys.ids.is_empty() {
        return Ok(());
    }
    sql(KEEP)
        .bind::<Array<SqlUuid>, _>(&keys.tenants)
        .bind::<Array<SqlUuid>, _>(&keys.ids)
        .bind::<Array<Integer>, _>(&keys.attempts)
        .bind::<SqlUuid, _>(process.0)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// A job that comes back while another of its unique key waits, or comes back beside it, is superseded: the
/// other one does the work.
const RETURN: &str = "WITH mine AS (
  SELECT j.tenant_id, j.id, v.run_at, v.error, v.counted, j.unique_key IS NOT NULL AND (
      row_number() OVER (PARTITION BY j.tenant_id, j.name, j.unique_key ORDER BY v.run_at, j.id) > 1
      OR EXISTS (SELECT FROM queue_jobs twin WHERE twin.tenant_id = j.tenant_id AND twin.name = j.name
                 AND twin.unique_key = j.unique_key AND twin.state = 'available')) AS superseded
  FROM unnest($1, $2, $3, $5, $6, $7) AS v(tenant_id, id, attempts, run_at, error, counted)
  JOIN queue_jobs j ON j.tenant_id = v.tenant_id AND j.id = v.id AND j.attempts = v.attempts
  WHERE j.state = 'running' AND j.locked_by = $4
), gone AS (
  DELETE FROM queue_jobs j USING mine m WHERE j.tenant_id = m.tenant_id AND j.id = m.id AND m.superseded
)
UPDATE queue_jobs j SET state = 'available', run_at = m.run_at, locked_by = NULL, lease_until = NULL,
  attempts = j.attempts - (NOT m.counted)::int, last_error = coalesce(m.error, j.last_error)
FROM mine m WHERE j.tenant_id = m.tenant_id AND j.id = m.id AND NOT m.superseded";

async fn give_back(tx: &mut HouseTx, process: ProcessId, returned: Returned) -> Result<()> {
    if returned.keys.ids.is_empty() {
        return Ok(());
    }
    sql(RETURN)
        .bind::<Array<SqlUuid>, _>(returned.keys.tenants)
        .bind::<Array<SqlUuid>, _>(returned.keys.ids)
        .bind::<Array<Integer>, _>(returned.keys.attempts)
        .bind::<SqlUuid, _>(process.0)
        .bind::<Array<Timestamptz>, _>(returned.run_ats)
        .bind::<Array<Nullable<Text>>, _>(returned.errors)
        .bind::<Array<Bool>, _>(returned.counted)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

const DISCARD: &str = "UPDATE queue_jobs j
SET state = 'discarded', locked_by = NULL, lease_until = NULL, last_error = v.error
FROM unnest($1, $2, $3, $5) AS v(tenant_id, id, attempts, error)
WHERE j.tenant_id = v.tenant_id AND j.id = v.id AND j.attempts = v.attempts AND j.state = 'running' AND j.locked_by = $4";

async fn discard(tx: &mut HouseTx, process: ProcessId, discarded: Discarded) -> Result<()> {
    if discarded.keys.ids.is_empty() {
        return Ok(());
    }
    sql(DISCARD)
        .bind::<Array<SqlUuid>, _>(discarded.keys.tenants)
        .bind::<Array<SqlUuid>, _>(discarded.keys.ids)
        .bind::<Array<Integer>, _>(discarded.keys.attempts)
        .bind::<SqlUuid, _>(process.0)
        .bind::<Array<Text>, _>(discarded.errors)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

#[derive(Default)]
struct Keys {
    tenants: Vec<TenantId>,
    ids: Vec<Id<JobKind>>,
    attempts: Vec<i32>,
}

impl Keys {
    fn push(&mut self, lease: &Lease) {
        self.push_key(lease.key(), lease.attempt());
    }

    fn push_key(&mut self, key: JobKey, attempt: i32) {
        self.tenants.push(key.tenant);
        self.ids.push(key.id);
        self.attempts.push(attempt);
    }
}

#[derive(Default)]
struct Returned {
    keys: Keys,
    run_ats: Vec<DateTime<Utc>>,
    errors: Vec<Option<String>>,
    counted: Vec<bool>,
}

impl Returned {
    fn push(&mut self, lease: &Lease, run_at: DateTime<Utc>, error: Option<&str>, counted: bool) {
        self.keys.push(lease);
        self.run_ats.push(run_at);
        self.errors.push(error.map(shortened));
        self.counted.push(counted);
    }
}

#[derive(Default)]
struct Discarded {
    keys: Keys,
    errors: Vec<String>,
}

impl Discarded {
    fn push(&mut self, lease: &Lease, why: &str) {
        self.keys.push(lease);
        self.errors.push(shortened(why));
    }
}

/// PostgreSQL's text holds no NUL.
fn shortened(text: &str) -> String {
    text.chars().filter(|letter| *letter != '\0').take(ERROR_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::job::Backoff;

    const POLICY: Policy =
        Policy { attempts: 3, timeout: Duration::from_secs(1), backoff: Backoff::doubling(1_000, 60_000) };

    fn verdict(outcome: Outcome, attempt: i32) -> Verdict {
        Verdict::of(outcome, attempt, &POLICY, (DateTime::UNIX_EPOCH, 0))
    }

    #[test]
    fn a_failure_waits_longer_each_time_and_is_discarded_after_the_last() {
        let again = || Outcome::Again("busy".into());
        let after = |ms| Verdict::Return {
            run_at: DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms),
            error: Some("busy".into()),
            counted: true,
        };
        assert_eq!(verdict(again(), 1), after(1_000));
        assert_eq!(verdict(again(), 2), after(2_000));
        assert_eq!(verdict(again(), 3), Verdict::Discard("no attempt is left: busy".into()));
    }

    #[test]
    fn a_snooze_never_counts_and_a_stop_is_final() {
        let later = DateTime::UNIX_EPOCH + TimeDelta::seconds(9);
        let snoozed = Verdict::Return { run_at: later, error: None, counted: false };
        assert_eq!(verdict(Outcome::Snooze(TimeDelta::seconds(9)), 3), snoozed);
        assert_eq!(verdict(Outcome::Stop("gone".into()), 1), Verdict::Discard("gone".into()));
        assert_eq!(verdict(Outcome::Done, 1), Verdict::Keep);
    }

    #[test]
    fn error_texts_fit_the_column() {
        assert_eq!(shortened("a\0b"), "ab");
        assert_eq!(shortened(&"é".repeat(2_000)).chars().count(), ERROR_CHARS);
    }
}
