//! Subscriptions that support made on an institution's behalf: from a request, or without one.
//!
//! Not here: the institution's own (`webhooks`). It sees these beside them and cannot change them.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::{event::EventType, webhook::DialectName};
use uuid::Uuid;

use super::{RequestScope, announce, decisions::checked_reason, filing, objects};
use crate::{Hand, NewEndpoint, NewSubscription, Origin, ScopeId, Source, target::TargetPolicy};
use stoa_core::{
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    error::{Error, Result},
    fields::Fields,
    id::{self, Id},
    scope::Scope,
    sealed::Sealer,
};

macro_rules! subscriptions {
    ($which:literal) => {
        concat!(
            "SELECT s.id, s.webhook_id, w.url, w.dialect, s.events, s.scope_ids, s.scope_kinds, s.source, s.request_id, s.made_by, s.reason, s.created_at
             FROM subscriptions s JOIN webhooks w ON w.tenant_id = s.tenant_id AND w.id = s.webhook_id
             WHERE s.tenant_id = $1 AND s.source <> 'institution' AND s.deleted_at IS NULL AND ",
            $which
        )
    };
}

const COUNT: &str = "SELECT count(*) AS total FROM subscriptions
  WHERE tenant_id = $1 AND source <> 'institution' AND deleted_at IS NULL";

/// A subscription that support made.
#[derive(Debug, Clone)]
pub struct OnBehalf {
    /// `sub_…`
    pub id: Id<id::Subscription>,
    /// The institution's endpoint.
    pub webhook_id: Id<id::Webhook>,
    /// Where deliveries go.
    pub url: String,
    /// How the receiver is spoken to.
    pub dialect: DialectName,
    /// Event types, in the dialect's names.
    pub events: Vec<String>,
    /// Courses, lessons and items that it is limited to; none means all.
    pub scope: Option<Vec<ScopeId>>,
    /// Support's own, or from a request.
    pub source: Source,
    /// The request that it came from.
    pub request_id: Option<Id<id::SubscriptionRequest>>,
    /// Who of the staff made it.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A subscription that support is about to make.
#[derive(Debug, Clone)]
pub struct NewOnBehalf {
    /// Where deliveries go.
    pub url: String,
    /// How the receiver wants to be spoken to.
    pub dialect: DialectName,
    /// Event types, in the dialect's names.
    pub events: Vec<String>,
    /// Objects that it is limited to.
    pub scope: Option<RequestScope>,
    /// Why.
    pub reason: String,
}

/// Subscribes an institution's receiver on its behalf, and tells the institution.
///
/// # Errors
/// `validation_failed`, `unsafe_url`; `conflict` when the address is spoken to in another dialect.
pub async fn subscribe_on_behalf(
    tx: &mut TenantTx,
    with: (&Scope, &Sealer, &TargetPolicy),
    new: NewOnBehalf,
) -> Result<OnBehalf> {
    let reason = checked_reason(Some(new.reason), "say why, for the institution is told")?;
    let mut fields = Fields::new();
    let events = filing::events(&mut fields, "/events", new.dialect.dialect(), &new.events);
    fields.finish()?;
    let scope = objects::resolve(tx, &[("/scope".to_owned(), new.scope.as_ref())]).await?.pop().flatten();
    let (webhook, _) = crate::endpoint_for(tx, with, NewEndpoint::at(&new.url, new.dialect)).await?;
    let origin = Origin { source: Source::Support, request: None, by: None };
    let new = NewSubscription { events, scope: scope.as_deref().map(objects::keys) };
    let subscription = crate::subscribe(tx, webhook.id, origin, new).await?;
    crate::sign_subscription(tx, subscription.id, with.0.name.as_deref(), reason.as_deref()).await?;
    let made = get_on_behalf(tx, subscription.id).await?;
    announce::subscribed(tx, EventType::WebhookSubscribed, &made);
    Ok(made)
}

/// Ends a subscription that support made, and tells the institution.
///
/// # Errors
/// `not_found`, also for one that the institution made itself.
pub async fn unsubscribe_on_behalf(tx: &mut TenantTx, id: Id<id::Subscription>, reason: Option<String>) -> Result<()> {
    let found = get_on_behalf(tx, id).await?;
    let reason = match reason {
        Some(text) => checked_reason(Some(text), "leave it out where there is none")?,
        None => None,
    };
    crate::unsubscribe(tx, (found.webhook_id, id), Hand::Support).await?;
    let by = tx.by().and_then(staff_name);
    announce::subscribed(tx, EventType::WebhookUnsubscribed, &OnBehalf { by, reason, ..found });
    Ok(())
}

/// Lists what support subscribed the transaction's institution to, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list_on_behalf(tx: &mut TenantTx, page: PageRequest) -> Result<Paged<OnBehalf>> {
    let tenant = tx.tenant();
    let total: Total = sql(COUNT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    let rows: Vec<Row> = sql(subscriptions!("true ORDER BY s.id DESC LIMIT $2 OFFSET $3"))
        .bind::<SqlUuid, _>(tenant)
        .bind::<BigInt, _>(page.per_page)
        .bind::<BigInt, _>(page.offset())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let rows = rows.into_iter().map(OnBehalf::try_from).collect::<Result<_>>()?;
    Ok(Paged { rows, total: total.total, request: page })
}

/// Gets one of them.
///
/// # Errors
/// `not_found`.
pub async fn get_on_behalf(tx: &mut TenantTx, id: Id<id::Subscription>) -> Result<OnBehalf> {
    let tenant = tx.tenant();
    let statement = sql(subscriptions!("s.id = $2")).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    let rows: Vec<Row> = statement.load(tx.connection()).await.map_err(failed)?;
    let row = rows.into_iter().next().ok_or_else(|| Error::not_found("subscription that support made"))?;
    row.try_into()
}

/// The name of whoever of the staff acts.
pub(super) fn staff_name(scope: &Scope) -> Option<String> {
    scope.name.as_deref().map(ToOwned::to_owned)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Subscription>,
    #[diesel(sql_type = SqlUuid)]
    webhook_id: Id<id::Webhook>,
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Text)]
    dialect: String,
    #[diesel(sql_type = Array<Text>)]
    events: Vec<String>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    scope_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    scope_kinds: Option<Vec<String>>,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Id<id::SubscriptionRequest>>,
    #[diesel(sql_type = Nullable<Text>)]
    made_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for OnBehalf {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let dialect: DialectName = row.dialect.parse().map_err(|error| Error::internal(anyhow::Error::new(error)))?;
        Ok(Self {
            id: row.id,
            webhook_id: row.webhook_id,
            url: row.url,
            dialect,
            events: row.events,
            scope: ScopeId::of_columns(row.scope_ids, row.scope_kinds),
            source: if row.source == Source::Request.as_str() { Source::Request } else { Source::Support },
            request_id: row.request_id,
            by: row.made_by,
            reason: row.reason,
            created_at: row.created_at,
        })
    }
}
