//! What came of attempts, written by the hundred: attempts and deliveries.
//!
//! Not here: what they say of the health of receivers (`health`).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{
    DeliveryStatus, Promised, Timings, health,
    health::Disabled,
    order::{self, Strand},
};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Received.
    Succeeded,
    /// Failed; to be tried again at a time.
    Retry(DateTime<Utc>),
    /// Failed, and it was the last attempt.
    Exhausted,
    /// The receiver is gone for good (410): it is disabled.
    Gone,
}

/// One attempt and what follows it.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// Whose delivery it is.
    pub tenant: TenantId,
    /// The delivery.
    pub delivery: Id<id::Delivery>,
    /// Its receiver.
    pub webhook: Id<id::Webhook>,
    /// The receiver was failing before.
    pub was_failing: bool,
    /// Asked for by a person: says nothing of the receiver's health.
    pub test: bool,
    /// Number of the attempt, from 1.
    pub attempt: i32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Until the verdict.
    pub duration_ms: i32,
    /// How long its parts took.
    pub timings: Timings,
    /// Status of the answer.
    pub http_status: Option<i32>,
    /// Class of the failure.
    pub error: Option<String>,
    /// The failure in a sentence, for the owner of the receiver.
    pub error_detail: Option<String>,
    /// Headers as sent, masked, where they do not follow from the row.
    pub request_headers: Option<String>,
    /// First KiB of the answer.
    pub response: Option<String>,
    /// Address that was connected to.
    pub address: Option<String>,
    /// What follows.
    pub next: Next,
}

impl Settlement {
    const fn status(&self) -> DeliveryStatus {
        match self.next {
            Next::Succeeded => DeliveryStatus::Succeeded,
            Next::Retry(_) => DeliveryStatus::Retrying,
            Next::Exhausted => DeliveryStatus::Exhausted,
            Next::Gone => DeliveryStatus::Cancelled,
        }
    }
}

/// What a batch of settlements came to.
#[derive(Debug, Default)]
pub struct Settled {
    /// Receivers that said they are gone.
    pub disabled: Vec<Disabled>,
    /// Deliveries of ordered receivers whose turn it is now.
    pub freed: Vec<Promised>,
}

/// Writes attempts and what follows them. For each receiver that said it is gone an event `webhook.disabled` is
/// recorded in the same transaction; whoever calls promises what was freed in it too.
///
/// # Errors
/// As the database says; then nothing was written, and settling the same again is safe.
pub async fn settle(tx: &mut HouseTx, settlements: &[Settlement]) -> Result<Settled> {
    if settlements.is_empty() {
        return Ok(Settled::default());
    }
    // Receivers before their deliveries, as everybody locks them who locks both.
    health::note(tx, settlements).await?;
    write_attempts(tx, settlements).await?;
    let ended = update_deliveries(tx, settlements).await?;
    let given_up = settlements.iter().filter(|one| one.next == Next::Exhausted && !one.test);
    let given_up: Vec<_> = given_up.map(|one| (one.tenant, one.delivery)).collect();
    health::tell_exhausted(tx, &given_up).await?;
    let gone: HashSet<(TenantId, Id<id::Webhook>)> =
        settlements.iter().filter(|one| one.next == Next::Gone).map(|one| (one.tenant, one.webhook)).collect();
    let mut disabled = Vec::new();
    for (tenant, webhook) in gone {
        let because = ("the receiver answered 410 Gone", "gone");
        disabled.extend(health::disable(tx, (tenant, webhook), because).await?);
    }
    Ok(Settled { disabled, freed: order::ended(tx, &ended).await? })
}

/// Ends deliveries whose retry window closed while their receiver was left alone. They stay in the log. Answers what
/// waited behind them at ordered receivers.
///
/// # Errors
/// As the database says.
pub async fn exhaust(tx: &mut HouseTx, deliveries: &[(TenantId, Id<id::Delivery>)]) -> Result<Vec<Promised>> {
    let freed = order::end(tx, deliveries, (DeliveryStatus::Exhausted, "window_closed")).await?;
    health::tell_exhausted(tx, deliveries).await?;
    Ok(freed)
}

/// Notes when deliveries are tried that were put off.
///
/// # Errors
/// As the database says.
pub async fn postpone(tx: &mut HouseTx, deliveries: &[Promised]) -> Result<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    sql("UPDATE deliveries d SET next_attempt_at = s.at FROM unnest($1, $2, $3) AS s(tenant_id, id, at)
         WHERE d.tenant_id = s.tenant_id AND d.id = s.id AND d.status IN ('pending', 'retrying') AND NOT d.behind")
    .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|one| one.tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|one| one.delivery.uuid()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(deliveries.iter().map(|one| one.at).collect::<Vec<_>>())
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

async fn write_attempts(tx: &mut HouseTx, all: &[Settlement]) -> Result<()> {
    // Two nodes may have tried the same delivery when a lease ran out: the first to settle is kept.
    sql("INSERT INTO attempts (tenant_id, delivery_id, attempt, started_at, duration_ms, http_status, error, response, address,
           dns_ms, connect_ms, tls_ms, first_byte_ms, error_detail, request_headers)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING")
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.tenant.uuid()))
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.delivery.uuid()))
    .bind::<Array<Integer>, _>(column(all, |one| one.attempt))
    .bind::<Array<Timestamptz>, _>(column(all, |one| one.started_at))
    .bind::<Array<Integer>, _>(column(all, |one| one.duration_ms))
    .bind::<Array<Nullable<Integer>>, _>(column(all, |one| one.http_status))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.error.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.response.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.address.as_deref()))
    .bind::<Array<Nullable<Integer>>, _>(column(all, |one| one.timings.dns_ms))
    .bind::<Array<Nullable<Integer>>, _>(column(all, |one| one.timings.connect_ms))
    .bind::<Array<Nullable<Integer>>, _>(column(all, |one| one.timings.tls_ms))
    .bind::<Array<Nullable<Integer>>, _>(column(all, |one| one.timings.first_byte_ms))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.error_detail.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.request_headers.as_deref()))
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

/// Answers what may have somebody waiting behind it: what ended at ordered receivers.
async fn update_deliveries(tx: &mut HouseTx, all: &[Settlement]) -> Result<Vec<Strand>> {
    let now = tx.now();
    let retry_at = |one: &Settlement| if let Next::Retry(at) = one.next { Some(at) } else { None };
    let rows: Vec<Strand> = sql("WITH settled AS (
           UPDATE deliveries d SET status = s.status, attempts = GREATEST(d.attempts, s.attempt),
             first_attempt_at = COALESCE(d.first_attempt_at, s.started_at), next_attempt_at = s.next_attempt_at,
             finished_at = CASE WHEN s.status = 'retrying' THEN NULL ELSE $7 END,
             reason = CASE WHEN s.status = 'cancelled' THEN 'gone' END
           FROM unnest($1, $2, $3, $4, $5, $6) AS s(tenant_id, id, status, attempt, started_at, next_attempt_at)
           WHERE d.tenant_id = s.tenant_id AND d.id = s.id AND d.status IN ('pending', 'retrying')
           RETURNING d.tenant_id, d.webhook_id, d.object_id, d.finished_at, d.test)
         SELECT e.tenant_id, e.webhook_id, e.object_id FROM settled e
         CROSS JOIN LATERAL (SELECT FROM webhooks x WHERE x.tenant_id = e.tenant_id AND x.id = e.webhook_id AND x.ordered OFFSET 0) w
         WHERE e.finished_at IS NOT NULL AND NOT e.test")
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.tenant.uuid()))
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.delivery.uuid()))
    .bind::<Array<Text>, _>(column(all, |one| one.status().as_str()))
    .bind::<Array<Integer>, _>(column(all, |one| one.attempt))
    .bind::<Array<Timestamptz>, _>(column(all, |one| one.started_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(all, retry_at))
    .bind::<Timestamptz, _>(now)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(rows)
}

fn column<'a, T>(rows: &'a [Settlement], of: impl Fn(&'a Settlement) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
