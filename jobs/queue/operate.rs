//! The operator's view: list, count, retry, discard, pause, resume.
//!
//! Not here: who may do it and the record of it (the edge and the shell), and masking of arguments.
//!
//! # Rule
//! These must answer during an incident, so counts stop at [`COUNTED`] and one action touches at most as many
//! rows. Jobs that are running are left to whoever runs them.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, PageRequest, Paged, failed, sql},
    id::Job as JobKind,
};

use super::JobKey;
use crate::job::Queue;

/// Where counting stops.
pub const COUNTED: i64 = 100_000;

/// Which jobs; what is left open matches all.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Of this queue.
    pub queue: Option<Queue>,
    /// In this state.
    pub state: Option<JobState>,
    /// Of this name.
    pub name: Option<String>,
    /// Of this institution.
    pub tenant: Option<TenantId>,
    /// These; none means any.
    pub ids: Vec<Id<JobKind>>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its time or for a worker.
    Available,
    /// In some process's hand.
    Running,
    /// Given up; waits for the operator.
    Discarded,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Available, Self::Running, Self::Discarded];

    /// The word in the rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Running => "running",
            Self::Discarded => "discarded",
        }
    }
}

/// A job as the operator sees it.
#[derive(Debug, Clone, QueryableByName)]
pub struct JobRow {
    /// The institution.
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    /// The job.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<JobKind>,
    /// Its queue.
    #[diesel(sql_type = Text)]
    pub queue: String,
    /// Its name in the registry.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its arguments; masked by whoever shows them.
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    /// Its unique key.
    #[diesel(sql_type = Nullable<Text>)]
    pub unique_key: Option<String>,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Times that it was started.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    /// Not before.
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
    /// Until when its process is believed.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub lease_until: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
    /// Request that caused it.
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    /// When it was promised.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

impl JobRow {
    /// Its key, whose `id` is what the operator names it by.
    pub fn key(&self) -> JobKey {
        JobKey { tenant: self.tenant_id, id: self.id }
    }
}

/// How a queue stands; counts stop at [`COUNTED`].
#[derive(Debug, Clone, QueryableByName)]
pub struct QueueStats {
    /// The queue.
    #[diesel(sql_type = Text)]
    pub queue: String,
    /// Jobs whose time has come and that wait for a worker.
    #[diesel(sql_type = BigInt)]
    pub due: i64,
    /// Jobs that wait for their time: delayed ones and those between two attempts.
    #[diesel(sql_type = BigInt)]
    pub scheduled: i64,
    /// Jobs in hand.
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    /// Jobs given up.
    #[diesel(sql_type = BigInt)]
    pub discarded: i64,
    /// From when the oldest due job has waited.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_due_at: Option<DateTime<Utc>>,
    /// Why the queue is paused, if it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub paused_reason: Option<String>,
    /// Since when it is paused.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub paused_at: Option<DateTime<Utc>>,
}

/// Binds `$1` to `$5` of a statement to a filter.
macro_rules! filtered {
    ($before:literal, $filter:expr, $after:literal) => {{
        let filter: &JobFilter = $filter;
        let ids = (!filter.ids.is_empty()).then(|| filter.ids.clone());
        sql(concat!(
            $before,
            "($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR name = $3)
             AND ($4::uuid IS NULL OR tenant_id = $4) AND ($5::uuid[] IS NULL OR id = ANY ($5))",
            $after
        ))
        .bind::<Nullable<Text>, _>(filter.queue.map(Queue::as_str))
        .bind::<Nullable<Text>, _>(filter.state.map(JobState::as_str))
        .bind::<Nullable<Text>, _>(filter.name.as_deref())
        .bind::<Nullable<SqlUuid>, _>(filter.tenant.map(TenantId::uuid))
        .bind::<Nullable<Array<SqlUuid>>, _>(ids)
    }};
}

/// Lists jobs, newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut HouseTx, filter: &JobFilter, page: PageRequest) -> Result<Paged<JobRow>> {
    let total = count(tx, filter).await?;
    let rows = filtered!(
        "SELECT tenant_id, id, queue, name, payload, unique_key, state, attempts, run_at, lease_until, last_error,
           request_id, created_at
         FROM queue_jobs WHERE ",
        filter,
        " ORDER BY id DESC LIMIT $6 OFFSET $7"
    )
    .bind::<BigInt, _>(page.per_page)
    .bind::<BigInt, _>(page.offset())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(Paged { rows, total, request: page })
}

/// Counts jobs, up to [`COUNTED`]: what an action on the same filter would look at.
///
/// # Errors
/// As the database says.
pub async fn count(tx: &mut HouseTx, filter: &JobFilter) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        jobs: i64,
    }
    let row: Row =
        filtered!("SELECT count(*) AS jobs FROM (SELECT FROM queue_jobs WHERE ", filter, " LIMIT $6) AS matching")
            .bind::<BigInt, _>(COUNTED)
            .get_result(tx.connection())
            .await
            .map_err(failed)?;
    Ok(row.jobs)
}

/// Gives discarded jobs all their attempts anew, and makes waiting ones due at once; answers how many.
///
/// A discarded job whose unique key waits already stays discarded.
///
/// # Errors
/// As the database says.
pub async fn retry(tx: &mut HouseTx, filter: &JobFilter) -> Result<usize> {
    let now = tx.now();
    filtered!(
        "WITH wanted AS (
           SELECT tenant_id, id FROM queue_jobs WHERE state <> 'running' AND ",
        filter,
        " ORDER BY id LIMIT $6 FOR UPDATE SKIP LOCKED
         ), free AS (
           SELECT j.tenant_id, j.id, j.state = 'available' OR j.unique_key IS NULL OR (
               row_number() OVER (PARTITION BY j.tenant_id, j.name, j.unique_key, j.state ORDER BY j.id) = 1
               AND NOT EXISTS (SELECT FROM queue_jobs twin WHERE twin.tenant_id = j.tenant_id AND twin.name = j.name
                               AND twin.unique_key = j.unique_key AND twin.state = 'available')) AS free
           FROM wanted JOIN queue_jobs j USING (tenant_id, id)
         )
         UPDATE queue_jobs j SET state = 'available', run_at = $7,
           attempts = CASE j.state WHEN 'discarded' THEN 0 ELSE j.attempts END
         FROM free f WHERE j.tenant_id = f.tenant_id AND j.id = f.id AND f.free"
    )
    .bind::<BigInt, _>(COUNTED)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)
}

/// Gives waiting jobs up, for a reason that stays with them; answers how many.
///
/// # Errors
/// As the database says.
pub async fn discard(tx: &mut HouseTx, filter: &JobFilter, reason: &str) -> Result<usize> {
    filtered!(
        "WITH wanted AS (
           SELECT tenant_id, id FROM queue_jobs WHERE state = 'available' AND ",
        filter,
        " ORDER BY id LIMIT $6 FOR UPDATE SKIP LOCKED
         )
         UPDATE queue_jobs j SET state = 'discarded', last_error = $7
         FROM wanted w WHERE j.tenant_id = w.tenant_id AND j.id = w.id"
    )
    .bind::<BigInt, _>(COUNTED)
    .bind::<Text, _>(reason)
    .execute(tx.connection())
    .await
    .map_err(failed)
}

/// Stops the workers of a queue on every node from taking more; answers false if it was paused already.
///
/// # Errors
/// As the database says.
pub async fn pause(tx: &mut HouseTx, queue: Queue, reason: &str) -> Result<bool> {
    let now = tx.now();
    let paused = sql("INSERT INTO paused_queues (queue, reason, paused_at) VALUES ($1, $2, $3)
                      ON CONFLICT (queue) DO NOTHING")
    .bind::<Text, _>(queue.as_str())
    .bind::<Text, _>(reason)
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(paused > 0)
}

/// Lets the workers of a queue go on; answers false if it was not paused.
///
/// # Errors
/// As the database says.
pub async fn resume(tx: &mut HouseTx, queue: Queue) -> Result<bool> {
    let resumed = sql("DELETE FROM paused_queues WHERE queue = $1")
        .bind::<Text, _>(queue.as_str())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(resumed > 0)
}

/// What an institution that is suspended has waiting is not due: nobody is late with it.
const STATS: &str = "SELECT q.queue, p.reason AS paused_reason, p.paused_at,
  (SELECT count(*) FROM (SELECT FROM queue_jobs j WHERE j.queue = q.queue AND j.state = 'available'
     AND j.run_at <= $2 AND NOT EXISTS (SELECT FROM institutions i WHERE i.tenant_id = j.tenant_id AND i.status IN ('suspended', 'closed'))
     LIMIT $3) c) AS due,
  (SELECT count(*) FROM (SELECT FROM queue_jobs j WHERE j.queue = q.queue AND j.state = 'available'
     AND j.run_at > $2 LIMIT $3) c) AS scheduled,
  (SELECT count(*) FROM (SELECT FROM queue_jobs j WHERE j.queue = q.queue AND j.state = 'running' LIMIT $3) c) AS running,
  (SELECT count(*) FROM (SELECT FROM queue_jobs j WHERE j.queue = q.queue AND j.state = 'discarded' LIMIT $3) c) AS discarded,
  (SELECT j.run_at FROM queue_jobs j WHERE j.queue = q.queue AND j.state = 'available' AND j.run_at <= $2
     AND NOT EXISTS (SELECT FROM institutions i WHERE i.tenant_id = j.tenant_id AND i.status IN ('suspended', 'closed'))
   ORDER BY j.run_at LIMIT 1) AS oldest_due_at
FROM unnest($1) WITH ORDINALITY AS q(queue, place) LEFT JOIN paused_queues p ON p.queue = q.queue ORDER BY q.place";

/// Tells how every queue stands.
///
/// # Errors
/// As the database says.
pub async fn stats(tx: &mut HouseTx) -> Result<Vec<QueueStats>> {
    let now = tx.now();
    sql(STATS)
        .bind::<Array<Text>, _>(Queue::ALL.iter().map(|queue| queue.as_str()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(COUNTED)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Forgets jobs that were promised before a time and given up since; answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget_discarded(tx: &mut HouseTx, before: DateTime<Utc>) -> Result<usize> {
    sql("WITH old AS (
           SELECT tenant_id, id FROM queue_jobs WHERE state = 'discarded' AND created_at < $1
           LIMIT $2 FOR UPDATE SKIP LOCKED
         )
         DELETE FROM queue_jobs j USING old WHERE j.tenant_id = old.tenant_id AND j.id = old.id")
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(COUNTED)
    .execute(tx.connection())
    .await
    .map_err(failed)
}
