//! The audit log: what was done in the institution, and by whom.

use std::str::FromStr;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Error, Id, Result,
    audit::{self, ActorKey, ActorKind, AuditEntry, AuditFilter},
    id,
    time::Timestamp,
};

use crate::http::{
    doors::{Call, Data, Door, NoPath, Reply, Sample, Wire, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Audit log";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/audit-log", list).needs(Ability::AuditRead).named(
            "listAuditLog",
            TAG,
            "Lists what was done, the newest first; `links.next` leads to what is older",
        ),
        Door::get("/api/audit-log/{audit_entry}", show).needs(Ability::AuditRead).named(
            "getAuditEntry",
            TAG,
            "Shows one entry of the audit log",
        ),
    ]
}

/// Which entries.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Only what this actor did: `person`, `integration`, `staff` or `house`, or the id of one.
    actor: Option<String>,
    /// Only this action, such as `webhook.deleted`, or all on a kind of thing, such as `webhook`.
    action: Option<String>,
    /// Only what was done to this thing, by its id.
    object: Option<String>,
    /// Only at or after this time.
    from: Option<Timestamp>,
    /// Only before this time.
    to: Option<Timestamp>,
    /// Only what is older than this entry: `meta.next_cursor` of the page before.
    cursor: Option<Id<id::AuditEntry>>,
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneEntry {
    /// Id of the entry.
    audit_entry: Id<id::AuditEntry>,
}

/// Something that was done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct EntryView {
    /// Id.
    id: Id<id::AuditEntry>,
    /// When.
    at: DateTime<Utc>,
    /// By whom.
    actor: ActorView,
    /// What was done.
    action: String,
    /// To what.
    object: ObjectView,
    /// What mattered of it before, secrets and personal data masked; null where it was made.
    before: Option<Value>,
    /// What matters of it since, masked likewise; null where it was removed.
    after: Option<Value>,
    /// Request that did it.
    request_id: Option<String>,
    /// Address that the request came from.
    address: Option<String>,
}

/// Who acted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditActor")]
struct ActorView {
    kind: ActorKind,
    /// Which one; null for the server.
    id: Option<String>,
    /// What the actor was called then.
    name: String,
}

/// What it was done to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditObject")]
struct ObjectView {
    kind: String,
    id: String,
}

impl From<AuditEntry> for EntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            actor: ActorView { kind: entry.actor_kind, id: entry.actor_id(), name: entry.actor_name },
            action: entry.action,
            object: ObjectView { kind: entry.object_kind, id: entry.object_id },
            before: entry.before,
            after: entry.after,
            request_id: entry.request_id,
            address: entry.address,
        }
    }
}

/// A page of a list that is only ever added to: no pages are counted, each leads to the next.
#[derive(Debug)]
struct Scrolled {
    entries: Vec<EntryView>,
    per_page: i64,
    more: bool,
}

async fn list(call: Call<NoPath, Listing>) -> Result<Scrolled> {
    let query = call.query;
    let per_page = asked(PageNumber::default(), query.per_page).per_page;
    let actor = query.actor.as_deref().map(ActorKey::from_str).transpose().map_err(|()| {
        Error::invalid_field("?actor", "value", "wanted person, integration, staff, house, or the id of an actor")
    })?;
    let filter = AuditFilter {
        actor,
        action: query.action,
        object: query.object,
        from: query.from.map(Timestamp::utc),
        to: query.to.map(Timestamp::utc),
        before: query.cursor,
    };
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (entries, more) = audit::list(&mut tx, &filter, per_page).await?;
    Ok(Scrolled { entries: entries.into_iter().map(EntryView::from).collect(), per_page, more })
}

async fn show(call: Call<OneEntry>) -> Result<Data<EntryView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(audit::get(&mut tx, call.path.audit_entry).await?.into()))
}

impl Scrolled {
    fn body(&self, wire: &Wire) -> Value {
        let next = self.entries.last().filter(|_| self.more).map(|entry| entry.id);
        let rest: String = (wire.query.split('&'))
            .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("cursor"))
            .flat_map(|pair| [pair, "&"])
            .collect();
        let url = next.map(|id| format!("{}{}?{rest}cursor={id}", wire.base, wire.path));
        json!({
            "data": self.entries,
            "links": { "next": url },
            "meta": { "per_page": self.per_page, "next_cursor": next },
        })
    }
}

impl Reply for Scrolled {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({
            "type": "object",
            "required": ["data", "links", "meta"],
            "properties": {
                "data": { "type": "array", "items": schemas.subschema_for::<EntryView>() },
                "links": {
                    "type": "object",
                    "required": ["next"],
                    "properties": { "next": { "type": ["string", "null"], "description": "The next page; null at the end" } },
                },
                "meta": {
                    "type": "object",
                    "required": ["per_page", "next_cursor"],
                    "properties": { "per_page": { "type": "integer" }, "next_cursor": { "type": ["string", "null"] } },
                },
            },
        }))
    }

    fn example(path: &str) -> Option<Value> {
        let wire = Wire {
            base: "https://learn.example".into(),
            path: path.to_owned(),
            query: String::new(),
            if_none_match: None,
        };
        Some(Self { entries: vec![EntryView::sample()], per_page: 15, more: false }.body(&wire))
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let bytes = serde_json::to_vec(&self.body(wire)).map_err(Error::internal)?;
        Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
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
            before: Some(json!({ "status": "requested" })),
            after: Some(json!({ "status": "rejected", "decision": "The address answers with a sign-in page." })),
            request_id: Some("5f0c1d7e".into()),
            address: Some("203.0.113.9".into()),
        }
    }
}
