//! Requests that may be sent again: the same key gets the same answer, and nothing is done twice.
//!
//! Not here: the header, and which answers are worth keeping (`stoa::http::doors`).
//!
//! # Rule
//! A key belongs to its holder and its operation, and is remembered for a day. While the first request runs, others
//! are told so; a run that nobody finished, because its process died, is given up after a minute.
//!
//! # Source
//! draft-ietf-httpapi-idempotency-key-header-07, sections 2.3 to 2.6.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    id::TenantId,
    sealed::{Sealer, Secret},
};

/// How long a key is remembered.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);
/// After this long a request that nobody answered was abandoned: longer than any may run.
const ABANDONED: TimeDelta = TimeDelta::seconds(60);
/// Rows that are forgotten in one transaction.
const FORGET_MAX: i64 = 10_000;

/// A request under a key.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The person or the token.
    pub holder: Uuid,
    /// Method and template of the path.
    pub operation: String,
    /// The key.
    pub key: String,
    /// SHA-256 of what is asked.
    pub fingerprint: [u8; 32],
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What there is under a key.
#[derive(Debug)]
pub enum Begun {
    /// Nothing was: the request is to be served. Names the run, for [`keep`] and [`release`].
    Fresh(DateTime<Utc>),
    /// It was answered.
    Answered(Kept),
    /// It is being served.
    InProgress,
    /// Something else was asked under it.
    Mismatch,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Binary)]
    fingerprint: Vec<u8>,
    #[diesel(sql_type = Nullable<Integer>)]
    status: Option<i32>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    headers: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Binary>)]
    body: Option<Vec<u8>>,
}

/// Takes a key, or says what there is under it. To be committed before the request is served.
///
/// # Errors
/// As the database says; `internal` when a kept answer does not open.
pub async fn begin(tx: &mut TenantTx, sealer: &Sealer, claim: &Claim) -> Result<Begun> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let taken = sql("INSERT INTO idempotency_keys AS k (tenant_id, holder_id, operation, key, fingerprint, started_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, holder_id, operation, key) DO UPDATE
           SET fingerprint = excluded.fingerprint, started_at = excluded.started_at, status = NULL, headers = NULL, body = NULL
           WHERE k.started_at <= $7 OR (k.status IS NULL AND k.started_at <= $8)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(claim.holder)
    .bind::<Text, _>(&claim.operation)
    .bind::<Text, _>(&claim.key)
    .bind::<Binary, _>(&claim.fingerprint[..])
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now - REMEMBERED)
    .bind::<Timestamptz, _>(now - ABANDONED)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    if taken == 1 {
        return Ok(Begun::Fresh(now));
    }
    let row: Row = sql("SELECT fingerprint, status, headers, body FROM idempotency_keys
         WHERE tenant_id = $1 AND holder_id = $2 AND operation = $3 AND key = $4")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(claim.holder)
    .bind::<Text, _>(&claim.operation)
    .bind::<Text, _>(&claim.key)
    .get_result(tx.connection())
    .await
    .map_err(failed)?;
    if row.fingerprint != claim.fingerprint {
        return Ok(Begun::Mismatch);
    }
    let (Some(status), Some(headers), Some(body)) = (row.status, row.headers, row.body) else {
        return Ok(Begun::InProgress);
    };
    Ok(Begun::Answered(Kept {
        status: u16::try_from(status).map_err(Error::internal)?,
        headers: serde_json::from_value(headers).map_err(Error::internal)?,
        body: sealer.open(&body, &place(tx, claim))?.expose().to_vec(),
    }))
}

/// Keeps what was answered. A run that was given up meanwhile keeps nothing.
///
/// # Errors
/// As the database says.
pub async fn keep(
    tx: &mut TenantTx,
    sealer: &Sealer,
    (claim, run): (&Claim, DateTime<Utc>),
    answer: &Kept,
) -> Result<()> {
    let at_rest = sealer.seal(&Secret::new(answer.body.as_slice()), &place(tx, claim))?;
    let tenant = tx.tenant().uuid();
    sql("UPDATE idempotency_keys SET status = $6, headers = $7, body = $8
         WHERE tenant_id = $1 AND holder_id = $2 AND operation = $3 AND key = $4 AND started_at = $5")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(claim.holder)
    .bind::<Text, _>(&claim.operation)
    .bind::<Text, _>(&claim.key)
    .bind::<Timestamptz, _>(run)
    .bind::<Integer, _>(i32::from(answer.status))
    .bind::<Jsonb, _>(serde_json::to_value(&answer.headers).map_err(Error::internal)?)
    .bind::<Binary, _>(at_rest)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

/// Gives a key back: what came of the request was our fault, and the next may do better.
///
/// # Errors
/// As the database says.
pub async fn release(tx: &mut TenantTx, (claim, run): (&Claim, DateTime<Utc>)) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sql("DELETE FROM idempotency_keys
         WHERE tenant_id = $1 AND holder_id = $2 AND operation = $3 AND key = $4 AND started_at = $5")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(claim.holder)
    .bind::<Text, _>(&claim.operation)
    .bind::<Text, _>(&claim.key)
    .bind::<Timestamptz, _>(run)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

/// Forgets keys that are older than a day, some thousands at a time, and answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget(tx: &mut HouseTx) -> Result<usize> {
    let before = tx.now() - REMEMBERED;
    sql("DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM idempotency_keys WHERE started_at <= $1 ORDER BY started_at LIMIT $2))")
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(FORGET_MAX)
    .execute(tx.connection())
    .await
    .map_err(failed)
}

/// Where an answer is sealed to.
fn place(tx: &TenantTx, claim: &Claim) -> String {
    sealed_to(tx.tenant(), claim.holder, &claim.operation, &claim.key)
}

/// The same, for whoever puts answers under another key.
pub(crate) fn sealed_to(tenant: TenantId, holder: Uuid, operation: &str, key: &str) -> String {
    format!("idempotency:{tenant}:{holder}:{operation}:{key}")
}
