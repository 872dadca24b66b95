//! What came of attempts, written by the hundred: attempts, deliveries, and the health of receivers.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{EventData, EventType, ObjectKind};
use uuid::Uuid;

use super::DeliveryStatus;
use crate::{
    db::{HouseTx, failed, sql},
    error::Result,
    events::{NewEvent, RecordedEvent, record},
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
    /// Status of the answer.
    pub http_status: Option<i32>,
    /// Class of the failure.
    pub error: Option<String>,
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

/// A receiver that was disabled by a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disabled {
    /// Whose it is.
    pub tenant: TenantId,
    /// The webhook.
    pub webhook: Id<id::Webhook>,
    /// Deliveries that are not owed any more.
    pub cancelled: usize,
}

/// Writes attempts and what follows them. Answers the receivers that said they are gone; for each an event
/// `webhook.disabled` is recorded in the same transaction.
///
/// # Errors
/// As the database says; then nothing was written, and settling the same again is safe.
pub async fn settle(tx: &mut HouseTx, settlements: &[Settlement]) -> Result<Vec<Disabled>> {
    if settlements.is_empty() {
        return Ok(Vec::new());
    }
    write_attempts(tx, settlements).await?;
    update_deliveries(tx, settlements).await?;
    note_health(tx, settlements).await?;
    let gone: HashSet<(TenantId, Id<id::Webhook>)> =
        settlements.iter().filter(|one| one.next == Next::Gone).map(|one| (one.tenant, one.webhook)).collect();
    let mut disabled = Vec::new();
    for (tenant, webhook) in gone {
        disabled.extend(disable_gone(tx, tenant, webhook).await?);
    }
    Ok(disabled)
}

/// Ends deliveries whose retry window closed while their receiver was left alone. They stay in the log.
///
/// # Errors
/// As the database says.
pub async fn exhaust(tx: &mut HouseTx, deliveries: &[(TenantId, Id<id::Delivery>)]) -> Result<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    sql("UPDATE deliveries d SET status = 'exhausted', next_attempt_at = NULL, finished_at = $3
         FROM unnest($1, $2) AS s(tenant_id, id)
         WHERE d.tenant_id = s.tenant_id AND d.id = s.id AND d.status IN ('pending', 'retrying')")
    .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(_, id)| id.uuid()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

async fn write_attempts(tx: &mut HouseTx, all: &[Settlement]) -> Result<()> {
    // Two nodes may have tried the same delivery when a lease ran out: the first to settle is kept.
    sql("INSERT INTO attempts (tenant_id, delivery_id, attempt, started_at, duration_ms, http_status, error, response, address)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING")
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.tenant.uuid()))
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.delivery.uuid()))
    .bind::<Array<Integer>, _>(column(all, |one| one.attempt))
    .bind::<Array<Timestamptz>, _>(column(all, |one| one.started_at))
    .bind::<Array<Integer>, _>(column(all, |one| one.duration_ms))
    .bind::<Array<Nullable<Integer>>, _>(column(all, |one| one.http_status))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.error.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.response.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column(all, |one| one.address.as_deref()))
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

async fn update_deliveries(tx: &mut HouseTx, all: &[Settlement]) -> Result<()> {
    let now = tx.now();
    let retry_at = |one: &Settlement| if let Next::Retry(at) = one.next { Some(at) } else { None };
    sql("UPDATE deliveries d SET status = s.status, attempts = GREATEST(d.attempts, s.attempt),
           first_attempt_at = COALESCE(d.first_attempt_at, s.started_at), next_attempt_at = s.next_attempt_at,
           finished_at = CASE WHEN s.status = 'retrying' THEN NULL ELSE $7 END
         FROM unnest($1, $2, $3, $4, $5, $6) AS s(tenant_id, id, status, attempt, started_at, next_attempt_at)
         WHERE d.tenant_id = s.tenant_id AND d.id = s.id AND d.status IN ('pending', 'retrying')")
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.tenant.uuid()))
    .bind::<Array<SqlUuid>, _>(column(all, |one| one.delivery.uuid()))
    .bind::<Array<Text>, _>(column(all, |one| one.status().as_str()))
    .bind::<Array<Integer>, _>(column(all, |one| one.attempt))
    .bind::<Array<Timestamptz>, _>(column(all, |one| one.started_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(all, retry_at))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

/// Notes when a receiver began to fail, and that it stopped. Written only when that changes.
async fn note_health(tx: &mut HouseTx, all: &[Settlement]) -> Result<()> {
    type Since = (bool, Option<DateTime<Utc>>);
    let mut since: HashMap<(Uuid, Uuid), Since> = HashMap::new();
    for one in all.iter().filter(|one| !one.test) {
        let (_, failing) = since.entry((one.tenant.uuid(), one.webhook.uuid())).or_insert((one.was_failing, None));
        let earliest = failing.map_or(one.started_at, |at| at.min(one.started_at));
        *failing = (one.next != Next::Succeeded).then_some(earliest);
    }
    let changed: Vec<_> = since.into_iter().filter(|(_, (was, now))| *was != now.is_some()).collect();
    if changed.is_empty() {
        return Ok(());
    }
    sql("UPDATE webhooks w SET failing_since = CASE WHEN s.since IS NULL THEN NULL ELSE COALESCE(w.failing_since, s.since) END
         FROM unnest($1, $2, $3) AS s(tenant_id, id, since) WHERE w.tenant_id = s.tenant_id AND w.id = s.id")
    .bind::<Array<SqlUuid>, _>(changed.iter().map(|((tenant, _), _)| *tenant).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(changed.iter().map(|((_, webhook), _)| *webhook).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(changed.iter().map(|(_, (_, since))| *since).collect::<Vec<_>>())
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

#[derive(QueryableByName)]
struct DisabledRow {
    #[diesel(sql_type = Text)]
    url: String,
}

async fn disable_gone(tx: &mut HouseTx, tenant: TenantId, webhook: Id<id::Webhook>) -> Result<Option<Disabled>> {
    let now = tx.now();
    let rows: Vec<DisabledRow> =
        sql("UPDATE webhooks SET status = 'disabled_failing', status_reason = $3, updated_at = $4
         WHERE tenant_id = $1 AND id = $2 AND status IN ('enabled', 'paused') RETURNING url")
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<Text, _>("the receiver answered 410 Gone")
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let cancelled = sql("UPDATE deliveries SET status = 'cancelled', next_attempt_at = NULL, finished_at = $3
         WHERE tenant_id = $1 AND webhook_id = $2 AND status IN ('pending', 'retrying')")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    let message = format!("{} answered 410 Gone and was disabled; {cancelled} deliveries were cancelled", row.url);
    let fact = NewEvent {
        event_type: EventType::WebhookDisabled,
        object_kind: ObjectKind::Webhook,
        object_id: webhook.uuid(),
        revision: 1,
        scope_ids: Vec::new(),
        data: std::sync::Arc::new(EventData { message: Some(message), ..EventData::default() }),
        occurred_at: now,
    };
    let event = RecordedEvent::new(tenant, tx.new_id(), fact, now, None);
    record::write(tx.connection(), &[event], now).await?;
    Ok(Some(Disabled { tenant, webhook, cancelled }))
}

fn column<'a, T>(rows: &'a [Settlement], of: impl Fn(&'a Settlement) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
