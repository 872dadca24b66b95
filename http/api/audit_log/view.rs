//! An entry as it is shown.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use stoa_core::{
    Id, TenantId,
    audit::{ActorKind, AuditEntry},
    id,
};

use crate::doors::{Sample, sample};

/// Something that was done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub(crate) struct EntryView {
    /// Id.
    pub(super) id: Id<id::AuditEntry>,
    /// When.
    pub(super) at: DateTime<Utc>,
    /// By whom.
    pub(super) actor: ActorView,
    /// What was done.
    pub(super) action: String,
    /// To what.
    pub(super) object: ObjectView,
    /// In which institution; null for what the staff did to their own accounts.
    pub(super) institution_id: Option<TenantId>,
    /// What mattered of it before, secrets and personal data masked; null where it was made.
    pub(super) before: Option<Value>,
    /// What matters of it since, masked likewise; null where it was removed.
    pub(super) after: Option<Value>,
    /// By which request, and from where.
    pub(super) context: ContextView,
}

/// Who acted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditActor")]
pub(super) struct ActorView {
    pub(super) kind: ActorKind,
    /// Which one; null for the server.
    pub(super) id: Option<String>,
    /// What the actor was called then.
    pub(super) name: String,
}

/// What it was done to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditObject")]
pub(super) struct ObjectView {
    pub(super) kind: String,
    pub(super) id: String,
}

/// The request that did it; empty for what the server did by itself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditContext")]
pub(super) struct ContextView {
    /// The request, as its answer named it in `X-Request-Id`.
    pub(super) request_id: Option<String>,
    /// Address that the request came from.
    pub(super) address: Option<String>,
}

impl From<AuditEntry> for EntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            actor: ActorView { kind: entry.actor_kind, id: entry.actor_id(), name: entry.actor_name },
            action: entry.action,
            object: ObjectView { kind: entry.object_kind, id: entry.object_id },
            institution_id: entry.tenant_id,
            before: entry.before,
            after: entry.after,
            context: ContextView { request_id: entry.request_id, address: entry.address },
        }
    }
}

impl Sample for EntryView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            at: sample::time(),
            actor: ActorView {
                kind: ActorKind::Staff,
                id: Some(sample::id::<id::Staff>().to_string()),
                name: "Vera".into(),
            },
            action: "subscription_request.rejected".into(),
            object: ObjectView {
                kind: "subscription_request".into(),
                id: sample::id::<id::SubscriptionRequest>().to_string(),
            },
            institution_id: Some(sample::id()),
            before: Some(json!({ "status": "requested" })),
            after: Some(json!({ "status": "rejected", "decision": "The address answers with a sign-in page." })),
            context: ContextView { request_id: Some("5f0c1d7e".into()), address: Some("203.0.113.9".into()) },
        }
    }
}
