//! The rows of requests and their items.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde_json::Value;
use stoa_protocols::webhook::DialectName;
use uuid::Uuid;

use super::{ItemOutcome, RequestItem, RequestStatus, SubscriptionRequest};
use crate::ScopeId;
use stoa_core::{
    error::{Error, Result},
    id::{self, Id, TenantId},
};

/// The columns of [`RequestRow`], of `subscription_requests r` beside `institutions i`.
macro_rules! request_columns {
    () => {
        "r.tenant_id, i.name AS institution_name, r.id, r.external_id, r.dialect, r.reason, r.status, r.decision, r.decided_by,
         r.decided_name, r.filed_by, r.filed_name, r.created_at, r.updated_at, r.expires_at, r.decided_at"
    };
}
pub(super) use request_columns;

#[derive(QueryableByName)]
pub(super) struct RequestRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) tenant_id: TenantId,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Id<id::SubscriptionRequest>,
    #[diesel(sql_type = Nullable<Text>)]
    external_id: Option<String>,
    #[diesel(sql_type = Text)]
    dialect: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    status: RequestStatus,
    #[diesel(sql_type = Nullable<Text>)]
    decision: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    decided_by: Option<Id<id::Staff>>,
    #[diesel(sql_type = Nullable<Text>)]
    decided_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    filed_by: Option<Id<id::User>>,
    #[diesel(sql_type = Text)]
    filed_name: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
}

impl RequestRow {
    /// Joins a row with its items.
    pub(super) fn with(self, items: Vec<RequestItem>) -> Result<SubscriptionRequest> {
        let dialect: DialectName = self.dialect.parse().map_err(|error| Error::internal(anyhow::Error::new(error)))?;
        Ok(SubscriptionRequest {
            tenant: self.tenant_id,
            institution_name: self.institution_name,
            id: self.id,
            external_id: self.external_id,
            dialect,
            reason: self.reason,
            status: self.status,
            decision: self.decision,
            decided_by: self.decided_by,
            decided_name: self.decided_name,
            filed_by: self.filed_by,
            filed_name: self.filed_name,
            created_at: self.created_at,
            updated_at: self.updated_at,
            expires_at: self.expires_at,
            decided_at: self.decided_at,
            items,
        })
    }
}

#[derive(QueryableByName)]
pub(super) struct ItemRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) request_id: Id<id::SubscriptionRequest>,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Array<Text>)]
    events: Vec<String>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    scope_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    scope_kinds: Option<Vec<String>>,
    #[diesel(sql_type = Text)]
    outcome: ItemOutcome,
    #[diesel(sql_type = Array<Text>)]
    approved_events: Vec<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    webhook_id: Option<Id<id::Webhook>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    subscription_id: Option<Id<id::Subscription>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    test: Option<Value>,
}

impl From<ItemRow> for RequestItem {
    fn from(row: ItemRow) -> Self {
        Self {
            number: row.number,
            url: row.url,
            events: row.events,
            scope: ScopeId::of_columns(row.scope_ids, row.scope_kinds),
            outcome: row.outcome,
            approved_events: row.approved_events,
            webhook_id: row.webhook_id,
            subscription_id: row.subscription_id,
            test: row.test.and_then(|test| serde_json::from_value(test).ok()),
        }
    }
}

/// Takes objects apart into ids and kinds, as a row keeps them.
pub(super) fn columns(scope: &[ScopeId]) -> (Vec<Uuid>, Vec<&'static str>) {
    let column = |object: &ScopeId| match object {
        ScopeId::Course(id) => (id.uuid(), "course"),
        ScopeId::Lesson(id) => (id.uuid(), "lesson"),
        ScopeId::Item(id) => (id.uuid(), "item"),
    };
    scope.iter().map(column).unzip()
}
