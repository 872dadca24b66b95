//! The rows of the audit log.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde_json::Value;
use uuid::Uuid;

use super::ActorKind;
use crate::id::{self, Id, Staff, TenantId, Token, User};

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct AuditEntry {
    /// In which institution; none of what the staff did to their own accounts.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub tenant_id: Option<TenantId>,
    /// `aud_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::AuditEntry>,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// By which kind of actor.
    #[diesel(sql_type = Text)]
    pub actor_kind: ActorKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    actor_id: Option<Uuid>,
    /// What the actor was called then.
    #[diesel(sql_type = Text)]
    pub actor_name: String,
    /// What was done.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// To what kind of thing.
    #[diesel(sql_type = Text)]
    pub object_kind: String,
    /// To which one.
    #[diesel(sql_type = Text)]
    pub object_id: String,
    /// What mattered of it before.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<Value>,
    /// What matters of it since.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<Value>,
    /// Request that did it.
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    /// Address that the request came from.
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
}

impl AuditEntry {
    /// Id of the actor; none for the server.
    pub fn actor_id(&self) -> Option<String> {
        let uuid = self.actor_id?;
        match self.actor_kind {
            ActorKind::Person => Some(Id::<User>::from_uuid(uuid).to_string()),
            ActorKind::Integration => Some(Id::<Token>::from_uuid(uuid).to_string()),
            ActorKind::Staff => Some(Id::<Staff>::from_uuid(uuid).to_string()),
            ActorKind::House => None,
        }
    }
}
