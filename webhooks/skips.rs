//! Events that were not sent, and why.
//!
//! Not here: who decides it (`matching`).

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::ObjectKind;
use uuid::Uuid;

use super::{SkipReason, queries::get_webhook, rows::word};
use stoa_core::{
    db::{HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    events::{RecordedEvent, object_text},
    id::{self, Id},
};

/// An event that an endpoint is subscribed to by its type and was not sent.
#[derive(Debug, Clone)]
pub struct Skip {
    /// The event.
    pub event_id: Id<id::Event>,
    /// Its type, in the catalogue's name.
    pub event_type: String,
    /// What it happened to; none where the event is not kept any more.
    pub object_id: Option<String>,
    /// Why.
    pub reason: SkipReason,
    /// When it would have been owed.
    pub created_at: DateTime<Utc>,
}

/// Which of them are wanted.
#[derive(Debug, Clone, Default)]
pub struct SkipFilter {
    /// Why.
    pub reason: Option<SkipReason>,
    /// Type, in the catalogue's name.
    pub event_type: Option<String>,
}

/// Writes down what was not sent, in the transaction that takes the events from the outbox.
pub(super) async fn write(tx: &mut HouseTx, skips: &[(&RecordedEvent, Id<id::Webhook>, SkipReason)]) -> Result<()> {
    if skips.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    sql("INSERT INTO skips (tenant_id, webhook_id, event_id, event_type, object_id, reason, created_at)
         SELECT tenant_id, webhook_id, event_id, event_type, object_id, reason, $7
         FROM unnest($1, $2, $3, $4, $5, $6) AS s(tenant_id, webhook_id, event_id, event_type, object_id, reason)
         ON CONFLICT DO NOTHING")
    .bind::<Array<SqlUuid>, _>(skips.iter().map(|(event, _, _)| event.tenant.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(skips.iter().map(|(_, webhook, _)| webhook.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(skips.iter().map(|(event, _, _)| event.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(skips.iter().map(|(event, _, _)| event.fact.event_type.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(skips.iter().map(|(event, _, _)| event.fact.object_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(skips.iter().map(|(_, _, reason)| reason.as_str()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

#[derive(QueryableByName)]
struct SkipRow {
    #[diesel(sql_type = SqlUuid)]
    event_id: Id<id::Event>,
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = Nullable<Text>)]
    object_kind: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl TryFrom<SkipRow> for Skip {
    type Error = Error;

    fn try_from(row: SkipRow) -> Result<Self> {
        let kind = row.object_kind.map(|kind| serde_json::from_value::<ObjectKind>(kind.into())).transpose();
        Ok(Self {
            event_id: row.event_id,
            event_type: row.event_type,
            object_id: kind.map_err(Error::internal)?.map(|kind| object_text(kind, row.object_id)),
            reason: word("reason of a skip", &row.reason)?,
            created_at: row.created_at,
        })
    }
}

/// Lists what an endpoint was not sent, the newest first, of events older than a given one.
///
/// # Errors
/// `webhook_not_found`.
pub async fn list_skips(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    filter: &SkipFilter,
    (before, limit): (Option<Id<id::Event>>, i64),
) -> Result<Vec<Skip>> {
    get_webhook(tx, webhook).await?;
    let tenant = tx.tenant().uuid();
    let rows: Vec<SkipRow> =
        sql("SELECT s.event_id, s.event_type, e.object_kind, s.object_id, s.reason, s.created_at FROM (
           SELECT * FROM skips WHERE tenant_id = $1 AND webhook_id = $2 AND event_id < $3
             AND ($4 IS NULL OR reason = $4) AND ($5 IS NULL OR event_type = $5)
           ORDER BY event_id DESC LIMIT $6) s
         LEFT JOIN events e ON e.tenant_id = $1 AND e.id = s.event_id
         ORDER BY s.event_id DESC")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<SqlUuid, _>(before.map_or(Uuid::max(), Id::uuid))
        .bind::<Nullable<Text>, _>(filter.reason.map(SkipReason::as_str))
        .bind::<Nullable<Text>, _>(filter.event_type.as_deref())
        .bind::<BigInt, _>(limit)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    rows.into_iter().map(Skip::try_from).collect()
}
