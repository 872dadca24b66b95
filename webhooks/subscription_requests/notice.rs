//! What a letter about a decision says, and to whom it goes.

use diesel::{
    QueryableByName,
    sql_types::{Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{RequestStatus, SubscriptionRequest, queries::get};
use stoa_core::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    letters::Reader,
    reader_columns,
};

// A person who filed it is told; where an integration did, or the person has left, those who look after integrations.
const READERS: &str = concat!(
    "SELECT ",
    reader_columns!(),
    " FROM memberships m
  JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
  JOIN institutions i ON i.tenant_id = m.tenant_id
  WHERE m.tenant_id = $1 AND m.status = 'active' AND CASE
    WHEN EXISTS (SELECT FROM memberships f WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.status = 'active')
    THEN m.user_id = $2 ELSE m.role IN ('owner', 'admin', 'integrator') END
  ORDER BY u.id"
);

// Made in the transaction of the decision, so at its very time.
const MADE: &str = "SELECT DISTINCT w.id FROM webhooks w
  JOIN subscription_request_items i ON i.tenant_id = w.tenant_id AND i.webhook_id = w.id
  WHERE w.tenant_id = $1 AND i.request_id = $2 AND w.created_at = $3 AND w.deleted_at IS NULL";

/// What a letter says.
#[derive(Debug, Clone)]
pub struct DecisionNotice {
    /// The request as it was decided.
    pub request: SubscriptionRequest,
    /// Whom it concerns.
    pub readers: Vec<Reader>,
    /// Endpoints that were made for it, whose secrets nobody has seen.
    pub made: Vec<Id<id::Webhook>>,
}

/// Loads the notice of a decision; none where there is nothing to tell.
///
/// # Errors
/// `not_found`.
pub async fn decision_notice(tx: &mut TenantTx, id: Id<id::SubscriptionRequest>) -> Result<Option<DecisionNotice>> {
    let request = get(tx, id).await?;
    if request.status.is_open() || request.status == RequestStatus::Withdrawn {
        return Ok(None);
    }
    let tenant = tx.tenant();
    let statement = sql(READERS).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(request.filed_by);
    let readers = statement.load(tx.connection()).await.map_err(failed)?;
    let made = made_for(tx, &request).await?;
    Ok(Some(DecisionNotice { request, readers, made }))
}

async fn made_for(tx: &mut TenantTx, request: &SubscriptionRequest) -> Result<Vec<Id<id::Webhook>>> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Webhook>,
    }
    let tenant = tx.tenant();
    let statement = sql(MADE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(request.id);
    let statement = statement.bind::<Nullable<Timestamptz>, _>(request.decided_at);
    let made: Vec<Made> = statement.load(tx.connection()).await.map_err(failed)?;
    Ok(made.into_iter().map(|one| one.id).collect())
}
