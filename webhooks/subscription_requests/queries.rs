//! What may be asked of requests, by their institution and by support.

use std::collections::HashMap;

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    RequestItem, RequestStatus, SubscriptionRequest,
    rows::{ItemRow, RequestRow, request_columns},
};
use stoa_core::{
    db::{HouseTx, PageRequest, Paged, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
};

macro_rules! requests {
    ($which:literal) => {
        concat!(
            "SELECT ",
            request_columns!(),
            " FROM subscription_requests r JOIN institutions i ON i.tenant_id = r.tenant_id WHERE ",
            $which
        )
    };
}

const ITEMS: &str =
    "SELECT t.request_id, t.number, t.url, t.events, t.scope_ids, t.scope_kinds, t.outcome, t.approved_events,
    t.webhook_id, t.subscription_id, t.test
  FROM unnest($1, $2) AS w(tenant_id, request_id)
  JOIN subscription_request_items t ON t.tenant_id = w.tenant_id AND t.request_id = w.request_id
  ORDER BY t.request_id, t.number";

const COUNT: &str =
    "SELECT count(*) AS total FROM subscription_requests WHERE tenant_id = $1 AND ($2::text IS NULL OR status = $2)";
const COUNT_BY_STATUS: &str = "SELECT status, count(*) AS total FROM subscription_requests
  WHERE $1::uuid IS NULL OR tenant_id = $1 GROUP BY status";
const OWNER: &str = "SELECT tenant_id FROM subscription_requests WHERE id = $1";
const OVERDUE: &str = "SELECT tenant_id, id FROM subscription_requests
  WHERE status IN ('requested', 'testing') AND expires_at <= $1 ORDER BY id LIMIT $2";

/// How many requests there are in each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RequestCounts {
    /// Filed, not looked at.
    pub requested: i64,
    /// Tested, not decided.
    pub testing: i64,
    /// Approved, all or a part.
    pub approved: i64,
    /// Rejected.
    pub rejected: i64,
    /// Not decided in time.
    pub expired: i64,
    /// Not wanted any more.
    pub withdrawn: i64,
}

/// Gets a request of the transaction's institution.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::SubscriptionRequest>) -> Result<SubscriptionRequest> {
    let tenant = tx.tenant();
    let statement = sql(requests!("r.tenant_id = $1 AND r.id = $2")).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    let found = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    one(tx, found).await
}

/// Gets a request and keeps others from deciding it before this transaction ends.
pub(super) async fn get_locked(tx: &mut TenantTx, id: Id<id::SubscriptionRequest>) -> Result<SubscriptionRequest> {
    let tenant = tx.tenant();
    let statement = sql(requests!("r.tenant_id = $1 AND r.id = $2 FOR UPDATE OF r"));
    let statement = statement.bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    let found = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    one(tx, found).await
}

/// Finds the request that an institution filed under its own key.
pub(super) async fn find_by_external_id(tx: &mut TenantTx, external_id: &str) -> Result<SubscriptionRequest> {
    let tenant = tx.tenant();
    let statement = sql(requests!("r.tenant_id = $1 AND r.external_id = $2"));
    let statement = statement.bind::<SqlUuid, _>(tenant).bind::<Text, _>(external_id);
    let found = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    one(tx, found).await
}

async fn one(tx: &mut TenantTx, row: Option<RequestRow>) -> Result<SubscriptionRequest> {
    let row = row.ok_or_else(|| Error::not_found("subscription request"))?;
    with_items(tx.connection(), vec![row]).await?.pop().ok_or_else(|| Error::not_found("subscription request"))
}

/// Lists an institution's requests, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(
    tx: &mut TenantTx,
    status: Option<RequestStatus>,
    page: PageRequest,
) -> Result<Paged<SubscriptionRequest>> {
    let (tenant, word) = (tx.tenant(), status.map(RequestStatus::as_str));
    let count = sql(COUNT).bind::<SqlUuid, _>(tenant).bind::<Nullable<Text>, _>(word);
    let total: Total = count.get_result(tx.connection()).await.map_err(failed)?;
    let rows: Vec<RequestRow> = sql(requests!(
        "r.tenant_id = $1 AND ($2::text IS NULL OR r.status = $2) ORDER BY r.id DESC LIMIT $3 OFFSET $4"
    ))
    .bind::<SqlUuid, _>(tenant)
    .bind::<Nullable<Text>, _>(word)
    .bind::<BigInt, _>(page.per_page)
    .bind::<BigInt, _>(page.offset())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(Paged { rows: with_items(tx.connection(), rows).await?, total: total.total, request: page })
}

/// Lists the requests of all institutions, or of one, the oldest first; without a status those that are open.
///
/// # Errors
/// As the database says.
pub async fn list_queue(
    tx: &mut HouseTx,
    (status, tenant): (Option<RequestStatus>, Option<TenantId>),
    page: PageRequest,
) -> Result<Paged<SubscriptionRequest>> {
    let wanted: Vec<&str> = match status {
        Some(status) => vec![status.as_str()],
        None => RequestStatus::ALL.iter().filter(|status| status.is_open()).map(|status| status.as_str()).collect(),
    };
    let count = sql("SELECT count(*) AS total FROM subscription_requests
         WHERE status = ANY ($1) AND ($2::uuid IS NULL OR tenant_id = $2)");
    let count = count.bind::<Array<Text>, _>(&wanted).bind::<Nullable<SqlUuid>, _>(tenant);
    let total: Total = count.get_result(tx.connection()).await.map_err(failed)?;
    let rows: Vec<RequestRow> = sql(requests!(
        "r.status = ANY ($1) AND ($2::uuid IS NULL OR r.tenant_id = $2) ORDER BY r.id LIMIT $3 OFFSET $4"
    ))
    .bind::<Array<Text>, _>(&wanted)
    .bind::<Nullable<SqlUuid>, _>(tenant)
    .bind::<BigInt, _>(page.per_page)
    .bind::<BigInt, _>(page.offset())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    Ok(Paged { rows: with_items(tx.connection(), rows).await?, total: total.total, request: page })
}

/// Counts the requests of all institutions, or of one, by status.
///
/// # Errors
/// As the database says.
pub async fn counts(tx: &mut HouseTx, tenant: Option<TenantId>) -> Result<RequestCounts> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        status: RequestStatus,
        #[diesel(sql_type = BigInt)]
        total: i64,
    }
    let statement = sql(COUNT_BY_STATUS).bind::<Nullable<SqlUuid>, _>(tenant);
    let rows: Vec<Row> = statement.load(tx.connection()).await.map_err(failed)?;
    let mut counts = RequestCounts::default();
    for Row { status, total } in rows {
        match status {
            RequestStatus::Requested => counts.requested = total,
            RequestStatus::Testing => counts.testing = total,
            RequestStatus::Approved => counts.approved = total,
            RequestStatus::Rejected => counts.rejected = total,
            RequestStatus::Expired => counts.expired = total,
            RequestStatus::Withdrawn => counts.withdrawn = total,
        }
    }
    Ok(counts)
}

#[derive(QueryableByName)]
struct Owned {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
}

/// Finds whose a request is, for support, who may see them all.
///
/// # Errors
/// `not_found`.
pub async fn owner_of(tx: &mut HouseTx, id: Id<id::SubscriptionRequest>) -> Result<TenantId> {
    let found: Option<Owned> =
        sql(OWNER).bind::<SqlUuid, _>(id).get_result(tx.connection()).await.optional().map_err(failed)?;
    found.map(|owned| owned.tenant_id).ok_or_else(|| Error::not_found("subscription request"))
}

/// Finds open requests whose time is over, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn overdue(tx: &mut HouseTx, most: i64) -> Result<Vec<(TenantId, Id<id::SubscriptionRequest>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: TenantId,
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::SubscriptionRequest>,
    }
    let now = tx.now();
    let statement = sql(OVERDUE).bind::<Timestamptz, _>(now).bind::<BigInt, _>(most);
    let rows: Vec<Row> = statement.load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.tenant_id, row.id)).collect())
}

async fn with_items(connection: &mut AsyncPgConnection, rows: Vec<RequestRow>) -> Result<Vec<SubscriptionRequest>> {
    let items: Vec<ItemRow> = sql(ITEMS)
        .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.tenant_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
        .load(connection)
        .await
        .map_err(failed)?;
    let mut of: HashMap<Id<id::SubscriptionRequest>, Vec<RequestItem>> = HashMap::new();
    for item in items {
        of.entry(item.request_id).or_default().push(item.into());
    }
    let join = |row: RequestRow| {
        let items = of.remove(&row.id).unwrap_or_default();
        row.with(items)
    };
    rows.into_iter().map(join).collect()
}
