//! Promising work, in the transaction of whoever owes it: rolled back with it, committed with it.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Error, Id, Result, TenantId,
    db::{failed, sql},
    id::Job as JobKind,
};

use super::{JobKey, Lease, Leases, Promising};
use crate::job::Job;

/// Work about to be promised.
#[derive(Debug, Clone)]
pub struct NewJob {
    tenant: TenantId,
    queue: &'static str,
    name: &'static str,
    payload: Value,
    unique_key: Option<String>,
    run_at: Option<DateTime<Utc>>,
    request_id: Option<String>,
}

impl NewJob {
    /// Promises a job for an institution, due at once.
    ///
    /// # Errors
    /// `internal` when the payload has no JSON form.
    pub fn of<T: Job>(tenant: TenantId, job: &T) -> Result<Self> {
        Ok(Self {
            tenant,
            queue: T::QUEUE.as_str(),
            name: T::NAME,
            payload: serde_json::to_value(job).map_err(Error::internal)?,
            unique_key: job.unique_key(),
            run_at: None,
            request_id: None,
        })
    }

    /// Says from when it is due.
    #[must_use]
    pub fn at(mut self, run_at: DateTime<Utc>) -> Self {
        self.run_at = Some(run_at);
        self
    }

    /// Names the work, where its maker and not its payload knows the name.
    #[must_use]
    pub fn keyed(mut self, unique_key: String) -> Self {
        self.unique_key = Some(unique_key);
        self
    }

    /// Names the request that caused it.
    #[must_use]
    pub fn caused_by(mut self, request_id: Option<&str>) -> Self {
        self.request_id = request_id.map(ToOwned::to_owned);
        self
    }
}

/// Promises a job; none when one of the same unique key already waits.
///
/// # Errors
/// As the database says.
pub async fn enqueue(tx: &mut impl Promising, job: NewJob) -> Result<Option<Id<JobKind>>> {
    Ok(enqueue_many(tx, vec![job]).await?.pop())
}

const ENQUEUE: &str = "INSERT INTO queue_jobs
  (tenant_id, id, queue, name, payload, unique_key, run_at, request_id, state, attempts, created_at)
SELECT tenant_id, id, queue, name, payload, unique_key, run_at, request_id, 'available', 0, $9
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
  AS j(tenant_id, id, queue, name, payload, unique_key, run_at, request_id)
ON CONFLICT (tenant_id, name, unique_key) WHERE state = 'available' DO NOTHING
RETURNING id";

/// Promises jobs in one statement, and names those that were not waiting already.
///
/// # Errors
/// As the database says.
pub async fn enqueue_many(tx: &mut impl Promising, jobs: Vec<NewJob>) -> Result<Vec<Id<JobKind>>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let columns = Columns::of(tx, jobs);
    let now = tx.now();
    let rows: Vec<Row> = sql(ENQUEUE)
        .bind::<Array<SqlUuid>, _>(&columns.tenants)
        .bind::<Array<SqlUuid>, _>(&columns.ids)
        .bind::<Array<Text>, _>(&columns.queues)
        .bind::<Array<Text>, _>(&columns.names)
        .bind::<Array<Jsonb>, _>(&columns.payloads)
        .bind::<Array<Nullable<Text>>, _>(&columns.unique_keys)
        .bind::<Array<Timestamptz>, _>(&columns.run_ats)
        .bind::<Array<Nullable<Text>>, _>(&columns.request_ids)
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

const ENQUEUE_RUNNING: &str = "INSERT INTO queue_jobs
  (tenant_id, id, queue, name, payload, unique_key, run_at, request_id, state, attempts, locked_by, lease_until, created_at)
SELECT tenant_id, id, queue, name, payload, unique_key, run_at, request_id, 'running', 1, $10, $11, $9
FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
  AS j(tenant_id, id, queue, name, payload, unique_key, run_at, request_id)";

/// Promises jobs that this process begins at once: they are running, in their first attempt, under its lease.
///
/// The leases come back in the order of the jobs. They are kept alive until they are dropped, so they travel with
/// the work; after a rollback they are dropped unused. A unique key is kept, but matters only if the job comes back.
///
/// # Errors
/// As the database says.
pub async fn enqueue_running(tx: &mut impl Promising, leases: &Leases, jobs: Vec<NewJob>) -> Result<Vec<Lease>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let columns = Columns::of(tx, jobs);
    let now = tx.now();
    sql(ENQUEUE_RUNNING)
        .bind::<Array<SqlUuid>, _>(&columns.tenants)
        .bind::<Array<SqlUuid>, _>(&columns.ids)
        .bind::<Array<Text>, _>(&columns.queues)
        .bind::<Array<Text>, _>(&columns.names)
        .bind::<Array<Jsonb>, _>(&columns.payloads)
        .bind::<Array<Nullable<Text>>, _>(&columns.unique_keys)
        .bind::<Array<Timestamptz>, _>(&columns.run_ats)
        .bind::<Array<Nullable<Text>>, _>(&columns.request_ids)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(leases.process().0)
        .bind::<Timestamptz, _>(leases.until(now))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let keys = columns.tenants.iter().zip(&columns.ids);
    Ok(keys.map(|(tenant, id)| leases.hold(JobKey { tenant: *tenant, id: *id }, 1, now)).collect())
}

const NARROW: &str = "UPDATE queue_jobs SET payload = $4
WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'running'";

/// Leaves a job in hand, should it come back, with less to do: the rest is promised anew in this transaction.
///
/// # Errors
/// As the database says, or when the payload has no JSON form.
pub async fn narrow<T: Job>(tx: &mut impl Promising, (key, attempt): (JobKey, i32), job: &T) -> Result<()> {
    sql(NARROW)
        .bind::<SqlUuid, _>(key.tenant)
        .bind::<SqlUuid, _>(key.id)
        .bind::<Integer, _>(attempt)
        .bind::<Jsonb, _>(serde_json::to_value(job).map_err(Error::internal)?)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Id<JobKind>,
}

/// The jobs, turned so that each column is one array.
#[derive(Default)]
struct Columns {
    tenants: Vec<TenantId>,
    ids: Vec<Id<JobKind>>,
    queues: Vec<&'static str>,
    names: Vec<&'static str>,
    payloads: Vec<Value>,
    unique_keys: Vec<Option<String>>,
    run_ats: Vec<DateTime<Utc>>,
    request_ids: Vec<Option<String>>,
}

impl Columns {
    fn of(tx: &impl Promising, jobs: Vec<NewJob>) -> Self {
        let mut columns = Self::default();
        for job in jobs {
            columns.tenants.push(job.tenant);
            columns.ids.push(tx.job_id());
            columns.queues.push(job.queue);
            columns.names.push(job.name);
            columns.payloads.push(job.payload);
            columns.unique_keys.push(job.unique_key);
            columns.run_ats.push(job.run_at.unwrap_or_else(|| tx.now()));
            columns.request_ids.push(job.request_id);
        }
        columns
    }
}
