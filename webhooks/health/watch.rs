//! The steps from a first sustained failure to the end: told, told once more, switched off.
//!
//! # Rule
//! Each step is taken once for a spell of failure, and one at a time. Nobody is switched off who was not told a day
//! before, however long nobody looked.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, SmallInt, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{EventData, EventType};
use uuid::Uuid;

use super::{HealthRow, HealthRules, News, disable, tell};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// A step that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It fails, and not just for a moment.
    Failing,
    /// It will be switched off within a day.
    LastDay,
    /// It was switched off.
    Disabled,
}

/// A receiver whose people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Whose it is.
    pub tenant: TenantId,
    /// The webhook.
    pub webhook: Id<id::Webhook>,
    /// How far it has come.
    pub stage: Stage,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    health: HealthRow,
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SmallInt)]
    failing_told: i16,
}

// Another node that looks at the same moment takes others.
const DUE: &str = "SELECT tenant_id, id, url, failing_since, failed_attempts, last_error, failing_told FROM webhooks
WHERE failing_since <= $1 AND deleted_at IS NULL AND status = 'enabled'
  AND NOT EXISTS (SELECT FROM institutions i WHERE i.tenant_id = webhooks.tenant_id AND i.status IN ('suspended', 'closed')) AND (
    failing_told = 0 AND failed_attempts >= $2
  OR failing_told = 1 AND failing_since <= $3 AND failed_attempts >= $4
    AND last_failed_at >= failing_since + $5 * interval '1 second'
  OR failing_told = 2 AND failing_since <= $6 AND told_at <= $7)
ORDER BY failing_since LIMIT $8 FOR NO KEY UPDATE SKIP LOCKED";

/// Takes the next step with as many receivers as are due, at most so many; each step is an event in this transaction.
///
/// # Errors
/// As the database says; then nobody was told.
pub async fn watch(tx: &mut HouseTx, rules: &HealthRules, most: i64) -> Result<Vec<Told>> {
    let now = tx.now();
    let rows: Vec<Row> = sql(DUE)
        .bind::<Timestamptz, _>(now - rules.failing_after)
        .bind::<Integer, _>(rules.failing_attempts)
        .bind::<Timestamptz, _>(now - rules.warn_after)
        .bind::<Integer, _>(rules.disable_attempts)
        .bind::<BigInt, _>(rules.disable_span.num_seconds())
        .bind::<Timestamptz, _>(now - rules.disable_after)
        .bind::<Timestamptz, _>(now - rules.notice())
        .bind::<BigInt, _>(most)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let (ends, steps): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.stage() == Stage::Disabled);
    let mut told: Vec<Told> = steps.iter().map(Row::told).collect();
    mark(tx, &steps).await?;
    tell(tx, steps.into_iter().map(|row| row.news(now, rules)).collect()).await?;
    for row in ends {
        let one = row.told();
        let because = row.health.words(&format!("for {}", days(rules.disable_after)));
        disable(tx, (one.tenant, one.webhook), (&because, "webhook_disabled")).await?;
        told.push(one);
    }
    Ok(told)
}

async fn mark(tx: &mut HouseTx, rows: &[Row]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    sql("UPDATE webhooks w SET failing_told = w.failing_told + 1, told_at = $3
         FROM unnest($1, $2) AS s(tenant_id, id) WHERE w.tenant_id = s.tenant_id AND w.id = s.id")
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.tenant_id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

impl HealthRules {
    /// How long before the end its people are told of it.
    fn notice(&self) -> TimeDelta {
        self.disable_after - self.warn_after
    }
}

impl Row {
    const fn stage(&self) -> Stage {
        match self.failing_told {
            0 => Stage::Failing,
            1 => Stage::LastDay,
            _ => Stage::Disabled,
        }
    }

    const fn told(&self) -> Told {
        Told { tenant: TenantId::from_uuid(self.tenant_id), webhook: Id::from_uuid(self.id), stage: self.stage() }
    }

    fn news(self, now: DateTime<Utc>, rules: &HealthRules) -> News {
        let Told { tenant, webhook, stage } = self.told();
        let ends_at = self.health.failing_since.unwrap_or(now) + rules.disable_after;
        let disables_at = (stage == Stage::LastDay).then(|| ends_at.max(now + rules.notice()));
        let since = self.health.failing_since.unwrap_or(now).format("%Y-%m-%d %H:%M UTC");
        let end = disables_at.map(|at| {
            let at = at.format("%Y-%m-%d %H:%M UTC");
            format!("; it will be disabled at {at} unless it receives something before")
        });
        let words = self.health.words(&format!("since {since}"));
        let message = format!("{}: {words}{}", self.health.url, end.unwrap_or_default());
        let data = EventData {
            webhook: Some(self.health.facts(webhook, disables_at)),
            message: Some(message),
            ..EventData::default()
        };
        News { tenant, webhook, event_type: EventType::WebhookFailing, data }
    }
}

impl HealthRow {
    fn words(&self, how_long: &str) -> String {
        let why = self.last_error.as_deref().map(|why| format!(", at last because {why}")).unwrap_or_default();
        format!("it received nothing {how_long}, {} attempts failed{why}", self.failed_attempts)
    }
}

/// A length of time in whole days, or hours where it is shorter.
fn days(length: TimeDelta) -> String {
    match length.num_days() {
        0 => format!("{} hours", length.num_hours()),
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    }
}
