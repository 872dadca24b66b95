//! Deliveries that were given up, told as events of their own.

use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{DeliveryFacts, EventData, EventType};
use uuid::Uuid;

use super::{HealthRow, News, in_words, tell};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    health: HealthRow,
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    webhook_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    delivery_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    event_id: Uuid,
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
}

// Only what ended in this very transaction: another node may have settled some of them before.
const EXHAUSTED: &str = "SELECT w.url, w.failing_since, w.failed_attempts, w.last_error,
  d.tenant_id, d.webhook_id, d.id AS delivery_id, d.event_id, d.event_type, d.attempts, a.error
FROM unnest($1, $2) AS k(tenant_id, id)
JOIN deliveries d ON d.tenant_id = k.tenant_id AND d.id = k.id AND d.status = 'exhausted' AND d.finished_at = $3 AND NOT d.test
JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id
LEFT JOIN attempts a ON a.tenant_id = d.tenant_id AND a.delivery_id = d.id AND a.attempt = d.attempts
ORDER BY d.tenant_id, d.id";

/// Records `delivery.exhausted` for each of these deliveries that was given up by this transaction. Tests are left out,
/// and deliveries of operational events: news of them would need news in turn.
pub(crate) async fn tell_exhausted(tx: &mut HouseTx, deliveries: &[(TenantId, Id<id::Delivery>)]) -> Result<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let rows: Vec<Row> = sql(EXHAUSTED)
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(deliveries.iter().map(|(_, id)| id.uuid()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let operational = |row: &Row| row.event_type.parse().is_ok_and(EventType::is_operational);
    tell(tx, rows.into_iter().filter(|row| !operational(row)).map(Row::news).collect()).await
}

impl Row {
    fn news(self) -> News {
        let webhook = Id::from_uuid(self.webhook_id);
        let last_error = self.error.as_deref().map(|error| in_words(Some(error)));
        let why = last_error.as_deref().map(|why| format!(", at last because {why}")).unwrap_or_default();
        let plural = if self.attempts == 1 { "" } else { "s" };
        let message =
            format!("a delivery of {} was given up after {} attempt{plural}{why}", self.event_type, self.attempts);
        let delivery = DeliveryFacts {
            id: Id::<id::Delivery>::from_uuid(self.delivery_id).to_string(),
            event_id: Id::<id::Event>::from_uuid(self.event_id).to_string(),
            event_type: self.event_type,
            attempts: self.attempts,
            last_error,
        };
        let data = EventData {
            webhook: Some(self.health.facts(webhook, None)),
            delivery: Some(delivery),
            message: Some(message),
            ..EventData::default()
        };
        News { tenant: TenantId::from_uuid(self.tenant_id), webhook, event_type: EventType::DeliveryExhausted, data }
    }
}
