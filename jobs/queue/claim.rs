//! Taking due work for a worker, fairly between institutions.
//!
//! # Rule
//! Each institution's oldest due job comes before any institution's second oldest, and so on; what a worker
//! already runs for an institution counts as if it stood before. So whoever owes ten thousand jobs waits behind
//! itself, not in front of the others. At most `per_tenant` jobs of one institution run in one worker.
//!
//! The jobs of an institution that is suspended or closed wait, but for deliveries: these look at the institution
//! themselves, as at a receiver that is paused, since one promise may be of several institutions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, failed, sql},
    id::Job as JobKind,
};

use super::{JobKey, Lease, Leases};
use crate::job::Queue;

/// What a worker asks for.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Which queue.
    pub queue: Queue,
    /// How many jobs at most.
    pub most: usize,
    /// How many of one institution may run in this worker, those already running included.
    pub per_tenant: i64,
    /// How many of each institution this worker already runs.
    pub running: HashMap<TenantId, i64>,
}

/// A job in hand, about to be run.
#[derive(Debug)]
pub struct Claimed {
    /// The right to run it.
    pub lease: Lease,
    /// Name in the registry.
    pub name: String,
    /// Its arguments.
    pub payload: Value,
    /// From when it was due.
    pub run_at: DateTime<Utc>,
    /// Request that caused it.
    pub request_id: Option<String>,
}

impl Claimed {
    /// The job.
    pub fn key(&self) -> JobKey {
        self.lease.key()
    }
}

// `heads` leaps from one institution to the next over the index (queue, tenant_id, run_at), so that a long backlog
// of one costs no more than its first row; `turns` are those whose turn it is, and how deep each may reach for now:
// what is left over is found by the next claim. `chosen` is twice as long as needed, because what another node
// claims at this moment is skipped.
const CLAIM: &str = "WITH RECURSIVE open AS (
  SELECT WHERE NOT EXISTS (SELECT FROM paused_queues WHERE queue = $1)
    AND (SELECT run_at FROM queue_jobs WHERE queue = $1 AND state = 'available' ORDER BY run_at LIMIT 1) <= $2
), heads AS (
  SELECT first.tenant_id, first.run_at FROM open CROSS JOIN LATERAL (
    SELECT j.tenant_id, j.run_at FROM queue_jobs j WHERE j.queue = $1 AND j.state = 'available'
    ORDER BY j.tenant_id, j.run_at, j.id LIMIT 1) first
  UNION ALL
  SELECT next.tenant_id, next.run_at FROM heads h CROSS JOIN LATERAL (
    SELECT j.tenant_id, j.run_at FROM queue_jobs j
    WHERE j.queue = $1 AND j.state = 'available' AND j.tenant_id > h.tenant_id
    ORDER BY j.tenant_id, j.run_at, j.id LIMIT 1) next
), turns AS (
  SELECT h.tenant_id, coalesce(b.jobs, 0) AS busy
  FROM heads h LEFT JOIN unnest($5, $6) AS b(tenant_id, jobs) ON b.tenant_id = h.tenant_id
  WHERE h.run_at <= $2 AND coalesce(b.jobs, 0) < $4
    AND ($9 OR NOT EXISTS (SELECT FROM institutions i WHERE i.tenant_id = h.tenant_id AND i.status IN ('suspended', 'closed')))
  ORDER BY coalesce(b.jobs, 0), h.run_at LIMIT 2 * $3
), chosen AS (
  SELECT t.tenant_id, j.id, t.busy + row_number() OVER (PARTITION BY t.tenant_id ORDER BY j.run_at, j.id) AS place
  FROM turns t CROSS JOIN LATERAL (
    SELECT j.id, j.run_at FROM queue_jobs j
    WHERE j.queue = $1 AND j.state = 'available' AND j.tenant_id = t.tenant_id AND j.run_at <= $2
    ORDER BY j.run_at, j.id LIMIT least($4 - t.busy, 1 + 4 * $3 / (SELECT count(*) FROM turns))
  ) j
  ORDER BY place, j.run_at, j.id LIMIT 2 * $3
), locked AS (
  SELECT j.tenant_id, j.id FROM chosen c JOIN queue_jobs j ON j.tenant_id = c.tenant_id AND j.id = c.id
  WHERE j.state = 'available' AND j.run_at <= $2
  ORDER BY c.place, j.run_at, j.id LIMIT $3 FOR UPDATE OF j SKIP LOCKED
)
UPDATE queue_jobs j SET state = 'running', attempts = j.attempts + 1, locked_by = $7, lease_until = $8
FROM locked l WHERE j.tenant_id = l.tenant_id AND j.id = l.id
RETURNING j.tenant_id, j.id, j.name, j.payload, j.attempts, j.run_at, j.request_id";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = SqlUuid)]
    id: Id<JobKind>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Timestamptz)]
    run_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
}

/// Takes due jobs of a queue in hand, oldest first; nothing while the queue is paused.
///
/// The jobs may be run once the transaction is committed. Dropped before, or after a failed commit, their leases
/// are no longer extended, and whatever the database made of it comes back by itself.
///
/// # Errors
/// As the database says.
pub async fn claim(tx: &mut HouseTx, leases: &Leases, claim: &Claim) -> Result<Vec<Claimed>> {
    let now = tx.now();
    let (tenants, running): (Vec<TenantId>, Vec<i64>) =
        claim.running.iter().map(|(tenant, jobs)| (*tenant, *jobs)).unzip();
    let rows: Vec<Row> = sql(CLAIM)
        .bind::<Text, _>(claim.queue.as_str())
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::from(u32::try_from(claim.most).unwrap_or(u32::MAX)))
        .bind::<BigInt, _>(claim.per_tenant)
        .bind::<Array<SqlUuid>, _>(tenants)
        .bind::<Array<BigInt>, _>(running)
        .bind::<SqlUuid, _>(leases.process().0)
        .bind::<Timestamptz, _>(leases.until(now))
        .bind::<Bool, _>(claim.queue == Queue::Webhooks)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut claimed: Vec<Claimed> = rows.into_iter().map(|row| row.in_hand(leases, now)).collect();
    claimed.sort_by_key(|job| (job.run_at, job.key().id));
    Ok(claimed)
}

impl Row {
    fn in_hand(self, leases: &Leases, now: DateTime<Utc>) -> Claimed {
        let key = JobKey { tenant: self.tenant_id, id: self.id };
        Claimed {
            lease: leases.hold(key, self.attempts, now),
            name: self.name,
            payload: self.payload,
            run_at: self.run_at,
            request_id: self.request_id,
        }
    }
}
