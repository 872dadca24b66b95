//! What a letter about a disabled webhook says, and to whom it goes.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// What a letter says.
#[derive(Debug, Clone)]
pub struct DisabledNotice {
    /// Whose webhook it is.
    pub institution_name: String,
    /// Language of the institution.
    pub locale: String,
    /// Where deliveries went.
    pub url: String,
    /// First failure since the last success.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it was disabled.
    pub disabled_at: DateTime<Utc>,
    /// Deliveries that the receiver does not have.
    pub not_received: u64,
    /// Owners and admins.
    pub readers: Vec<Reader>,
}

/// Somebody whom it concerns.
#[derive(Debug, Clone, QueryableByName)]
pub struct Reader {
    /// The person.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::User>,
    /// Address.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Whole name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Language of the person, else the institution's.
    #[diesel(sql_type = Text)]
    pub locale: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    failing_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    not_received: i64,
}

/// Loads the notice of a webhook that is disabled still; none if it was switched on again or deleted.
///
/// # Errors
/// As the database says.
pub async fn disabled_notice(
    tx: &mut HouseTx,
    tenant: TenantId,
    webhook: Id<id::Webhook>,
) -> Result<Option<DisabledNotice>> {
    let rows: Vec<Row> = sql("SELECT i.name, i.locale, w.url, w.failing_since, w.updated_at,
           (SELECT count(*) FROM deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id
              AND d.status IN ('cancelled', 'exhausted') AND d.finished_at >= w.updated_at) AS not_received
         FROM webhooks w JOIN institutions i ON i.tenant_id = w.tenant_id
         WHERE w.tenant_id = $1 AND w.id = $2 AND w.status = 'disabled_failing' AND w.deleted_at IS NULL")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let readers: Vec<Reader> = sql("SELECT u.id, u.email, u.name, COALESCE(u.locale, i.locale) AS locale
         FROM memberships m
         JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
         JOIN institutions i ON i.tenant_id = m.tenant_id
         WHERE m.tenant_id = $1 AND m.role IN ('owner', 'admin', 'integrator') AND m.status = 'active'
         ORDER BY u.id")
    .bind::<SqlUuid, _>(tenant.uuid())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(Some(DisabledNotice {
        institution_name: row.name,
        locale: row.locale,
        url: row.url,
        failing_since: row.failing_since,
        disabled_at: row.updated_at,
        not_received: u64::try_from(row.not_received).unwrap_or_default(),
        readers,
    }))
}
