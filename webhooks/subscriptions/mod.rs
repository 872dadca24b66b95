//! What an endpoint is told of: event types, everywhere or on named objects only.
//!
//! Not here: the endpoint itself (`commands`), and who is owed an event (`matching`).
//!
//! # Rule
//! An endpoint may have many subscriptions. An event is owed to it once if any of them matches. One made by support,
//! or from a request that support approved, is shown to the institution and changed by support alone; the institution
//! may pause or delete the whole endpoint at any time.

mod commands;
mod events;
mod scope;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{Source, queries::get_webhook, rows::word};
use stoa_core::{
    db::{PageRequest, Paged, TenantTx, failed, sql},
    error::{Error, Result},
    fields::given,
    id::{self, Id},
};

pub use commands::{change_subscription, sign_subscription, subscribe, unsubscribe};
pub(super) use commands::{delete_all, subscribe_first, write_own};
pub(super) use events::check_events;
pub use scope::{ScopeId, ScopeKeys};

/// What an endpoint is told of.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// `sub_…`
    pub id: Id<id::Subscription>,
    /// The endpoint.
    pub webhook_id: Id<id::Webhook>,
    /// Event types, in the dialect's names; `*` means all that the dialect speaks.
    pub events: Vec<String>,
    /// Courses, lessons and items that it is limited to; none means all.
    pub scope: Option<Vec<ScopeId>>,
    /// Whose it is.
    pub source: Source,
    /// The request that it came from.
    pub request_id: Option<Id<id::SubscriptionRequest>>,
    /// Who of the platform's staff made it.
    pub made_by: Option<String>,
    /// Why, in that person's words.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A subscription to be made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    /// Event types, in the dialect's names; `*` for all that it speaks.
    pub events: Vec<String>,
    /// Limits it to what happens in given courses, lessons and items; all if left out.
    #[serde(default)]
    pub scope: Option<ScopeKeys>,
}

/// What may be changed of a subscription. What is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubscriptionChange {
    /// Event types.
    #[serde(deserialize_with = "given")]
    pub events: Option<Vec<String>>,
    /// Limits; null lifts them.
    #[serde(deserialize_with = "given")]
    pub scope: Option<Option<ScopeKeys>>,
}

/// Where a subscription comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// Whose it is.
    pub source: Source,
    /// The request that it came from.
    pub request: Option<Id<id::SubscriptionRequest>>,
    /// The person who made it, where it is one of the institution.
    pub by: Option<Id<id::User>>,
}

/// Who acts on a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// The institution: its own subscriptions.
    Institution,
    /// Support: those that it made.
    Support,
}

impl Hand {
    const fn may_change(self, source: Source) -> bool {
        match source {
            Source::Institution => matches!(self, Self::Institution),
            Source::Support | Source::Request => matches!(self, Self::Support),
        }
    }
}

#[derive(QueryableByName)]
struct SubscriptionRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    webhook_id: Uuid,
    #[diesel(sql_type = Array<Text>)]
    events: Vec<String>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    scope_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    scope_kinds: Option<Vec<String>>,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    made_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = Error;

    fn try_from(row: SubscriptionRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            webhook_id: Id::from_uuid(row.webhook_id),
            events: row.events,
            scope: ScopeId::of_columns(row.scope_ids, row.scope_kinds),
            source: word("source of a subscription", &row.source)?,
            request_id: row.request_id.map(Id::from_uuid),
            made_by: row.made_by,
            reason: row.reason,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Loads the subscriptions of endpoints, the oldest first.
pub(super) async fn subscriptions_of(tx: &mut TenantTx, webhooks: &[Uuid]) -> Result<HashMap<Uuid, Vec<Subscription>>> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<SubscriptionRow> = sql("SELECT * FROM subscriptions
         WHERE tenant_id = $1 AND webhook_id = ANY ($2) AND deleted_at IS NULL ORDER BY webhook_id, id")
    .bind::<SqlUuid, _>(tenant)
    .bind::<Array<SqlUuid>, _>(webhooks)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let mut found: HashMap<Uuid, Vec<Subscription>> = HashMap::new();
    for row in rows {
        found.entry(row.webhook_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// Lists the subscriptions of an endpoint, the oldest first.
///
/// # Errors
/// `webhook_not_found`.
pub async fn list_subscriptions(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    page: PageRequest,
) -> Result<Paged<Subscription>> {
    let all = get_webhook(tx, webhook).await?.subscriptions;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let place = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let rows = all.into_iter().skip(place(page.offset())).take(place(page.per_page)).collect();
    Ok(Paged { rows, total, request: page })
}

/// Finds one subscription of an endpoint.
///
/// # Errors
/// `not_found`.
pub async fn get_subscription(
    tx: &mut TenantTx,
    webhook: Id<id::Webhook>,
    subscription: Id<id::Subscription>,
) -> Result<Subscription> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<SubscriptionRow> = sql("SELECT * FROM subscriptions
         WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3 AND deleted_at IS NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<SqlUuid, _>(subscription.uuid())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    rows.into_iter().next().ok_or_else(|| Error::not_found("subscription"))?.try_into()
}
