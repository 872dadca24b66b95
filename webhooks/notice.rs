//! What a letter about a webhook says, and to whom it goes.
//!
//! Not here: the words (`stoa_protocols::render`), and when a letter is due (`health`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    WebhookStatus,
    health::{class_of, is_gone},
    rows::word,
};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    letters::Reader,
    reader_columns,
};

/// Deliveries that are counted for a letter, the newest ones.
const COUNTED_MAX: i64 = 10_000;
/// How long before a failure a delivery may have begun that failed in it: the longest retry window, and a day.
const BEFORE: TimeDelta = TimeDelta::hours(84 + 24);

/// What a letter says.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Whose webhook it is.
    pub institution_name: String,
    /// Where deliveries go.
    pub url: String,
    /// Whether it is attempted.
    pub status: WebhookStatus,
    /// First failure since the last success.
    pub failing_since: Option<DateTime<Utc>>,
    /// Failures since then.
    pub failed_attempts: i32,
    /// What was the matter with the latest: a class of failure.
    pub trouble: Option<String>,
    /// The receiver itself said that nothing more is to be sent (410).
    pub is_gone: bool,
    /// How often its people were told of the present failure.
    pub told: i16,
    /// When it was switched off.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Deliveries that are still tried.
    pub waiting: i64,
    /// Deliveries that were given up or cancelled since the failure began.
    pub not_received: i64,
    /// There are more than were counted.
    pub and_more: bool,
    /// Owners, admins and integrators.
    pub readers: Vec<Reader>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    failing_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    failed_attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
    #[diesel(sql_type = SmallInt)]
    failing_told: i16,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    disabled_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    looked_at: i64,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    not_received: i64,
}

impl Notice {
    /// From when to replay: when the failure began.
    pub fn replay_since(&self) -> Option<DateTime<Utc>> {
        self.failing_since.or(self.disabled_at)
    }
}

/// Loads what a letter about a webhook says; none if it was deleted.
///
/// # Errors
/// As the database says.
pub async fn notice(tx: &mut HouseTx, tenant: TenantId, webhook: Id<id::Webhook>) -> Result<Option<Notice>> {
    let rows: Vec<Row> =
        sql("SELECT i.name, w.url, w.status, w.failing_since, w.failed_attempts, w.last_error, w.failing_told,
           w.disabled_at
         FROM webhooks w JOIN institutions i ON i.tenant_id = w.tenant_id
         WHERE w.tenant_id = $1 AND w.id = $2 AND w.deleted_at IS NULL")
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<SqlUuid, _>(webhook.uuid())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let since = row.failing_since.or(row.disabled_at).unwrap_or(tx.now());
    let counts = counts(tx, (tenant, webhook), since).await?;
    Ok(Some(Notice {
        institution_name: row.name,
        url: row.url,
        status: word("webhook status", &row.status)?,
        failing_since: row.failing_since,
        failed_attempts: row.failed_attempts,
        is_gone: row.last_error.as_deref().is_some_and(is_gone),
        trouble: row.last_error.as_deref().map(class_of),
        told: row.failing_told,
        disabled_at: row.disabled_at,
        waiting: counts.waiting,
        not_received: counts.not_received,
        and_more: counts.looked_at == COUNTED_MAX,
        readers: readers(tx, tenant).await?,
    }))
}

async fn counts(
    tx: &mut HouseTx,
    (tenant, webhook): (TenantId, Id<id::Webhook>),
    since: DateTime<Utc>,
) -> Result<Counts> {
    sql("SELECT count(*) AS looked_at, count(*) FILTER (WHERE status IN ('pending', 'retrying')) AS waiting,
           count(*) FILTER (WHERE status IN ('cancelled', 'exhausted') AND finished_at >= $3) AS not_received
         FROM (SELECT status, finished_at FROM deliveries
           WHERE tenant_id = $1 AND webhook_id = $2 AND id >= stoa_uuid_floor($4) AND NOT test ORDER BY id DESC LIMIT $5) d")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(since)
    .bind::<Timestamptz, _>(since - BEFORE)
    .bind::<BigInt, _>(COUNTED_MAX)
    .get_result(tx.connection())
    .await
    .map_err(failed)
}

async fn readers(tx: &mut HouseTx, tenant: TenantId) -> Result<Vec<Reader>> {
    const READERS: &str = concat!(
        "SELECT ",
        reader_columns!(),
        " FROM memberships m
         JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
         JOIN institutions i ON i.tenant_id = m.tenant_id
         WHERE m.tenant_id = $1 AND m.role IN ('owner', 'admin', 'integrator') AND m.status = 'active'
         ORDER BY u.id"
    );
    sql(READERS).bind::<SqlUuid, _>(tenant.uuid()).load(tx.connection()).await.map_err(failed)
}
